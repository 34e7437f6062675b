//! Sets of faults by name.
use super::Faults;
use crate::{DeliveryFaults, Rate};
use std::{fmt, time::Duration};

/// A set of faults, chosen by name.
///
/// ```
/// use byourside_sim::{FaultPlan, Profile};
/// let profile = Profile::named("harsh").ok_or("no such profile")?;
/// let plan = FaultPlan::new(profile.faults(7));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// No faults, and no latency.
    None,
    /// A bad day: up to 200 ms latency one way, and each fault hits one request in a hundred.
    Mild,
    /// The worst: up to 3 s latency one way, and each fault hits five requests in a hundred.
    Harsh,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 3] = [Self::None, Self::Mild, Self::Harsh];

    /// The profile of this name: `none`, `mild` or `harsh`, in lower case.
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

    /// The name of the profile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mild => "mild",
            Self::Harsh => "harsh",
        }
    }

    /// The profile's faults of requests and answers, with this seed.
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

    /// The profile's faults of webhook deliveries, with this seed.
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
