//! The state of each call in an embedded database. It is written before the action that it records, so that it survives
//! the process.
use byourside_proto::{CallId, PlaceCall};
use redb::{Database, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{cell::RefCell, error::Error, path::Path};

const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");
/// The ids that the list showed before the first call was placed, under the key 0.
const BEFORE: TableDefinition<u64, &[u8]> = TableDefinition::new("before");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub struct Journal {
    database: Database,
    rows: RefCell<Vec<Row>>,
    before: Vec<CallId>,
}

/// The state of one row.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Row {
    /// Number and objective, to notice that another list is used with the database.
    request: Value,
    /// The position of this row among those whose POST was announced. From then on the call may have been placed.
    pub begun: Option<u64>,
    /// The id of the call, once it is known to be placed.
    pub id: Option<CallId>,
    /// How many rows had begun when the id became known.
    known_at: u64,
    /// The result, once the call has ended.
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

    /// Writes all rows of a list in one transaction.
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

    /// How many rows are not known to be placed.
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

    /// How many rows have begun.
    pub fn begun(&self) -> u64 {
        let rows = self.rows.borrow();
        rows.iter().filter_map(|row| row.begun).max().map_or(0, |last| last + 1)
    }

    /// How many rows have begun since the first row that may or may not have been placed.
    pub fn since_oldest_open(&self) -> u64 {
        let rows = self.rows.borrow();
        let open = rows.iter().filter(|row| row.result.is_none() && row.id.is_none());
        let oldest = open.filter_map(|row| row.begun).min();
        oldest.map_or(0, |oldest| self.begun() - oldest)
    }

    /// The calls that were known before this row began. None of them can be its call.
    pub fn known_before(&self, at: usize) -> Vec<CallId> {
        let rows = self.rows.borrow();
        let begun = rows[at].begun.unwrap_or_default();
        let earlier = rows
            .iter()
            .filter(|row| row.known_at <= begun)
            .filter_map(|row| row.id.clone());
        self.before.iter().cloned().chain(earlier).collect()
    }

    /// Records that the row is about to be placed. No request may be sent before this returns.
    pub fn about_to_place(&self, at: usize) -> Result<()> {
        let begun = self.begun();
        self.change(at, |row| row.begun = row.begun.or(Some(begun)))
    }

    /// Records that the row was provably not placed, so that it may be placed later.
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
