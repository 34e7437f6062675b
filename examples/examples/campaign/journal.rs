//! What is known of each call, in an embedded database: what must survive the process is in it before it is done.
use byourside_proto::{CallId, PlaceCall};
use redb::{Database, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{cell::RefCell, error::Error, path::Path};

const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");
/// The calls that were listed before the first was placed, under 0.
const BEFORE: TableDefinition<u64, &[u8]> = TableDefinition::new("before");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub struct Journal {
    database: Database,
    rows: RefCell<Vec<Row>>,
    before: Vec<CallId>,
}

/// What is known of one call.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Row {
    /// What was asked for, to tell another list by.
    request: Value,
    /// That it is about to be placed was written down as the `begun`th. Whatever comes after that, it may be.
    pub begun: Option<u64>,
    /// It was placed.
    pub id: Option<CallId>,
    /// How many had begun when that was known.
    known_at: u64,
    /// It has come to its end.
    pub result: Option<Value>,
}

impl Journal {
    pub fn open(path: &Path) -> Result<Self> {
        let database = Database::create(path)?;
        let write = database.begin_write()?;
        let (rows, before) = {
            let (rows, before) = (write.open_table(ROWS)?, write.open_table(BEFORE)?);
            let rows = rows.iter()?.map(|entry| Ok(serde_json::from_slice(entry?.1.value())?));
            let before = before
                .get(0)?
                .map(|ids| serde_json::from_slice(ids.value()))
                .transpose()?;
            (rows.collect::<Result<Vec<Row>>>()?, before.unwrap_or_default())
        };
        write.commit()?;
        Ok(Self {
            database,
            rows: RefCell::new(rows),
            before,
        })
    }

    /// All of a list at once, so that there is never half of one.
    pub fn begin(mut self, calls: &[PlaceCall], before: Vec<CallId>) -> Result<Self> {
        let write = self.database.begin_write()?;
        {
            let mut rows = write.open_table(ROWS)?;
            for (at, call) in (0..).zip(calls) {
                let row = Row {
                    request: serde_json::to_value(call)?,
                    ..Row::default()
                };
                rows.insert(at, serde_json::to_vec(&row)?.as_slice())?;
                self.rows.get_mut().push(row);
            }
            write
                .open_table(BEFORE)?
                .insert(0, serde_json::to_vec(&before)?.as_slice())?;
        }
        write.commit()?;
        self.before = before;
        Ok(self)
    }

    pub fn is_empty(&self) -> bool {
        self.rows.borrow().is_empty()
    }

    pub fn is_of(&self, calls: &[PlaceCall]) -> bool {
        let rows = self.rows.borrow();
        let same = |(row, call): (&Row, &PlaceCall)| serde_json::to_value(call).is_ok_and(|call| call == row.request);
        rows.len() == calls.len() && rows.iter().zip(calls).all(same)
    }

    /// How many are not placed yet, as far as is known.
    pub fn left(&self) -> usize {
        let open = |row: &&Row| row.result.is_none() && row.id.is_none();
        self.rows.borrow().iter().filter(open).count()
    }

    /// Whether every call has a result.
    pub fn is_over(&self) -> bool {
        self.rows.borrow().iter().all(|row| row.result.is_some())
    }

    pub fn rows(&self) -> Vec<Row> {
        self.rows.borrow().clone()
    }

    /// How many have begun so far.
    pub fn begun(&self) -> u64 {
        let rows = self.rows.borrow();
        rows.iter().filter_map(|row| row.begun).max().map_or(0, |last| last + 1)
    }

    /// How many have begun since the first of those of which it is not known whether they were placed.
    pub fn since_oldest_open(&self) -> u64 {
        let rows = self.rows.borrow();
        let open = rows.iter().filter(|row| row.result.is_none() && row.id.is_none());
        let oldest = open.filter_map(|row| row.begun).min();
        oldest.map_or(0, |oldest| self.begun() - oldest)
    }

    /// Calls that were known before this row began: none of them can be its.
    pub fn known_before(&self, at: usize) -> Vec<CallId> {
        let rows = self.rows.borrow();
        let begun = rows[at].begun.unwrap_or_default();
        let earlier = rows
            .iter()
            .filter(|row| row.known_at <= begun)
            .filter_map(|row| row.id.clone());
        self.before.iter().cloned().chain(earlier).collect()
    }

    /// It is about to be placed. Until this returns, no request may leave.
    pub fn about_to_place(&self, at: usize) -> Result<()> {
        let begun = self.begun();
        self.change(at, |row| row.begun = row.begun.or(Some(begun)))
    }

    /// It was provably not placed, and may be.
    pub fn is_absent(&self, at: usize) -> Result<()> {
        self.change(at, |row| row.begun = None)
    }

    pub fn is_placed(&self, at: usize, id: &CallId) -> Result<()> {
        let begun = self.begun();
        self.change(at, |row| {
            row.known_at = begun;
            row.id = Some(id.clone());
        })
    }

    pub fn has_ended(&self, at: usize, result: &Value) -> Result<()> {
        self.change(at, |row| row.result = Some(result.clone()))
    }

    fn change(&self, at: usize, change: impl FnOnce(&mut Row)) -> Result<()> {
        let mut row = self.rows.borrow()[at].clone();
        change(&mut row);
        let write = self.database.begin_write()?;
        write
            .open_table(ROWS)?
            .insert(u64::try_from(at)?, serde_json::to_vec(&row)?.as_slice())?;
        write.commit()?;
        self.rows.borrow_mut()[at] = row;
        Ok(())
    }
}
