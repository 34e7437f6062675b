//! Decides which faults are injected where.
use super::{Fault, Site};
use crate::{Rate, random};
use byourside_proto::Monotonic;
use std::{collections::BTreeMap, fmt};

/// Decides which faults are injected where: drawn from a seed, or scripted fault by fault.
///
/// ```
/// use byourside_sim::{Dirt, Fault, Site};
/// let dirt = Dirt::scripted().with(Site::get(0, 3), Fault::ProxyBefore, 503);
/// assert_eq!(dirt.script().count(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dirt {
    seed: u64,
    rates: BTreeMap<Fault, Rate>,
    /// No drawn fault is injected from this time on.
    heals: Option<Monotonic>,
    script: BTreeMap<Site, Vec<(Fault, u64)>>,
    log: Vec<Injection>,
}

/// A fault that was injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Injection {
    /// Where it was injected.
    pub site: Site,
    /// The kind of fault.
    pub fault: Fault,
    /// The fault's parameter.
    pub parameter: u64,
}

/// The faults at one site, each with its parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActiveFaults(Vec<(Fault, u64)>);

impl Dirt {
    /// No faults except those added [`with`](Self::with).
    #[must_use]
    pub fn scripted() -> Self {
        Self::default()
    }

    /// Each kind of fault at its own rate, at every site that it can target. The seed decides where.
    ///
    /// ```
    /// use byourside_sim::{Dirt, Fault, Rate};
    /// let dirt = Dirt::at_rates(7, [(Fault::AnswerLost, Rate::percent(30)), (Fault::ObjectiveEscaped, Rate::ALWAYS)]);
    /// assert_eq!(dirt.script().count(), 0);
    /// ```
    #[must_use]
    pub fn at_rates(seed: u64, rates: impl IntoIterator<Item = (Fault, Rate)>) -> Self {
        Self {
            seed,
            rates: rates.into_iter().collect(),
            ..Self::default()
        }
    }

    /// About one kind of fault in eight, chosen at random, each at 3, 10, 30, 60 or 100 percent. The combination
    /// changes from seed to seed, so that no fault always hides another.
    #[must_use]
    pub fn drawn(seed: u64) -> Self {
        const RATES: [u32; 5] = [3, 10, 30, 60, 100];
        let mut draw = seed;
        let mut rates = BTreeMap::new();
        for fault in Fault::ALL {
            if random::below(&mut draw, 8) == 0 {
                let percent = RATES[usize::try_from(random::below(&mut draw, 5)).unwrap_or(0)];
                rates.insert(*fault, Rate::percent(percent));
            }
        }
        Self {
            seed,
            rates,
            ..Self::default()
        }
    }

    /// No drawn fault is injected from this time on. Scripted faults still are.
    #[must_use]
    pub fn healed_at(self, moment: Monotonic) -> Self {
        Self {
            heals: Some(moment),
            ..self
        }
    }

    /// Adds a fault to the script. [`Fault`] says what the parameter means.
    #[must_use]
    pub fn with(mut self, site: Site, fault: Fault, parameter: u64) -> Self {
        self.script.entry(site).or_default().push((fault, parameter));
        self
    }

    /// The scripted faults, in the order of their sites.
    pub fn script(&self) -> impl Iterator<Item = Injection> {
        let at = |(site, faults): (&Site, &Vec<(Fault, u64)>)| {
            let site = *site;
            let faults = faults.clone();
            faults
                .into_iter()
                .map(move |(fault, parameter)| Injection { site, fault, parameter })
        };
        self.script.iter().flat_map(at)
    }

    /// The faults that were injected so far, in that order.
    #[must_use]
    pub fn log(&self) -> &[Injection] {
        &self.log
    }

    /// The faults at this site, which are recorded as injected.
    pub(crate) fn at(&mut self, now: Monotonic, site: Site) -> ActiveFaults {
        let mut active = self.script.get(&site).cloned().unwrap_or_default();
        if !self.rates.is_empty() && self.heals.is_none_or(|heals| now < heals) {
            let mut seed = site.seed(self.seed);
            for (fault, rate) in &self.rates {
                if fault.targets().contains(&site.target) {
                    let (hits, parameter) = (rate.hits(&mut seed), random::next(&mut seed) >> 32);
                    if hits {
                        active.push((*fault, parameter));
                    }
                }
            }
        }
        let injections = active.iter().map(|(fault, parameter)| Injection {
            site,
            fault: *fault,
            parameter: *parameter,
        });
        self.log.extend(injections);
        ActiveFaults(active)
    }
}

impl ActiveFaults {
    /// The parameter of this fault, if it is active.
    pub(crate) fn get(&self, fault: Fault) -> Option<u64> {
        self.0
            .iter()
            .find(|(active, _)| *active == fault)
            .map(|(_, parameter)| *parameter)
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.get(fault).is_some()
    }

    /// The parameter mapped into `low..=high`: unchanged if it is in that range, else by remainder.
    pub(crate) fn within(&self, fault: Fault, low: u64, high: u64) -> Option<u64> {
        let parameter = self.get(fault)?;
        if (low..=high).contains(&parameter) {
            Some(parameter)
        } else {
            Some(low + parameter % (high - low + 1))
        }
    }

    /// Adds those faults of a program's start that apply to every list.
    pub(crate) fn with_standing(mut self, start: &Self) -> Self {
        const LISTS: [Fault; 4] = [
            Fault::ShortPage,
            Fault::ListAscending,
            Fault::ListPartial,
            Fault::BareEntries,
        ];
        self.0.extend(start.0.iter().filter(|(fault, _)| LISTS.contains(fault)));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fault, u64)> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.fault, self.site)
    }
}
