//! Faults by name.
use super::Faults;
use crate::{DeliveryFaults, Rate};
use std::{fmt, time::Duration};

/// Sets of faults to choose from by name.
///
/// ```
/// use byourside_sim::{FaultPlan, Profile};
/// let profile = Profile::named("harsh").ok_or("no such profile")?;
/// let plan = FaultPlan::new(profile.faults(7));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Nothing goes wrong, and nothing takes time.
    None,
    /// A bad day: messages take up to 200 ms, and one in a hundred meets with each fault.
    Mild,
    /// The worst that there is: messages take up to 3 s, and five in a hundred meet with each fault.
    Harsh,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Mild, Self::Harsh];

    /// The one of this name: `none`, `mild` or `harsh`.
    ///
    /// ```
    /// use byourside_sim::Profile;
    /// assert_eq!(Profile::named("mild"), Some(Profile::Mild));
    /// assert_eq!(Profile::named("MILD"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Its name.
    ///
    /// ```
    /// assert_eq!(byourside_sim::Profile::Harsh.name(), "harsh");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mild => "mild",
            Self::Harsh => "harsh",
        }
    }

    /// Its faults of requests and answers.
    ///
    /// ```
    /// use byourside_sim::{Faults, Profile};
    /// assert_eq!(Profile::None.faults(7), Faults { seed: 7, ..Faults::default() });
    /// ```
    #[must_use]
    pub fn faults(self, seed: u64) -> Faults {
        let each = self.rate();
        let (min_latency, max_latency, silent) = match self {
            Self::None => (Duration::ZERO, Duration::ZERO, Rate::NEVER),
            Self::Mild => (Duration::from_millis(10), Duration::from_millis(200), Rate::percent(20)),
            Self::Harsh => (Duration::from_millis(10), Duration::from_secs(3), Rate::percent(50)),
        };
        Faults {
            seed,
            min_latency,
            max_latency,
            no_connection: each,
            request_lost: each,
            answer_lost: each,
            silent,
            error_before: each,
            error_after: each,
            rate_limited: each,
            html: each,
            truncated: each,
            stale: each,
            ..Faults::default()
        }
    }

    /// Its faults of deliveries.
    ///
    /// ```
    /// use byourside_sim::{DeliveryFaults, Profile};
    /// assert_eq!(Profile::None.delivery_faults(7), DeliveryFaults { seed: 7, ..DeliveryFaults::default() });
    /// ```
    #[must_use]
    pub fn delivery_faults(self, seed: u64) -> DeliveryFaults {
        let each = self.rate();
        DeliveryFaults {
            seed,
            lost: each,
            delayed: each,
            duplicated: each,
            reordered: each,
            skewed: each,
            ..DeliveryFaults::default()
        }
    }

    const fn rate(self) -> Rate {
        match self {
            Self::None => Rate::NEVER,
            Self::Mild => Rate::percent(1),
            Self::Harsh => Rate::percent(5),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
