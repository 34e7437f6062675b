//! The service's wall clock.
use super::digits::{decimal, text};
use byourside_proto::{Monotonic, UnixTime};
use serde::{Serialize, Serializer};
use time::{Date, Month, OffsetDateTime};

/// Turns virtual time into dates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock {
    epoch: UnixTime,
}

impl WallClock {
    pub(crate) fn new(epoch: UnixTime) -> Self {
        Self { epoch }
    }

    pub(crate) fn unix(self, now: Monotonic) -> UnixTime {
        let seconds = i64::try_from(now.since_origin().as_secs()).unwrap_or(i64::MAX);
        UnixTime::new(self.epoch.seconds().saturating_add(seconds))
    }

    /// ISO 8601 with milliseconds, in UTC.
    pub(crate) fn iso(self, now: Monotonic) -> Iso {
        let at = self.date(now);
        let (year, month, day) = at.to_calendar_date();
        let mut iso = *b"0000-00-00T00:00:00.000Z";
        decimal(&mut iso[..4], year.unsigned_abs());
        decimal(&mut iso[5..7], u8::from(month).into());
        decimal(&mut iso[8..10], day.into());
        decimal(&mut iso[11..13], at.hour().into());
        decimal(&mut iso[14..16], at.minute().into());
        decimal(&mut iso[17..19], at.second().into());
        decimal(&mut iso[20..23], now.since_origin().subsec_millis());
        Iso(iso)
    }

    /// An HTTP date in the preferred form: RFC 9110, section 5.6.7.
    pub(crate) fn http(self, now: Monotonic) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let at = self.date(now);
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            DAYS[usize::from(at.weekday().number_days_from_monday())],
            at.day(),
            MONTHS[usize::from(u8::from(at.month()) - 1)],
            at.year(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// An HTTP date in the obsolete form of RFC 850: RFC 9110, section 5.6.7.
    pub(crate) fn rfc850(self, now: Monotonic) -> String {
        let at = self.date(now);
        // `time` displays weekdays and months as English words: `Thursday`, `January`.
        format!(
            "{}, {:02}-{:.3}-{:02} {:02}:{:02}:{:02} GMT",
            at.weekday(),
            at.day(),
            at.month().to_string(),
            at.year().rem_euclid(100),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// The clock as it was a day before.
    pub(crate) fn yesterday(self) -> Self {
        Self::new(UnixTime::new(self.epoch.seconds().saturating_sub(24 * 3600)))
    }

    /// A time outside the years 0 to 9999 is shown as the Unix epoch.
    fn date(self, now: Monotonic) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.unix(now).seconds())
            .ok()
            .filter(|date| date.year() >= 0)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// A time in ISO 8601.
#[derive(Clone, Copy)]
pub(crate) struct Iso([u8; 24]);

impl Iso {
    pub(crate) fn as_str(&self) -> &str {
        text(&self.0)
    }
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The time that is a day before this one, both in the format of [`WallClock::iso`].
pub(crate) fn day_before(iso: &str) -> Option<String> {
    let (date, rest) = iso.split_at_checked(10)?;
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let before = date.previous_day()?;
    let month = u8::from(before.month());
    Some(format!("{:04}-{month:02}-{:02}{rest}", before.year(), before.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn wall_clock_counts_from_the_epoch() {
        let clock = WallClock::new(UnixTime::new(1_767_225_600));
        assert_eq!(clock.iso(Monotonic::ORIGIN).as_str(), "2026-01-01T00:00:00.000Z");
        let later = Monotonic::new(Duration::from_millis(3_723_004));
        assert_eq!(clock.iso(later).as_str(), "2026-01-01T01:02:03.004Z");
        assert_eq!(clock.http(later), "Thu, 01 Jan 2026 01:02:03 GMT");
        assert_eq!(clock.rfc850(later), "Thursday, 01-Jan-26 01:02:03 GMT");
        assert_eq!(clock.yesterday().iso(later).as_str(), "2025-12-31T01:02:03.004Z");
        assert_eq!(clock.unix(later), UnixTime::new(1_767_229_323));
    }

    #[test]
    fn day_before_keeps_the_time_of_day() {
        assert_eq!(
            day_before("2024-03-01T01:02:03.004Z").as_deref(),
            Some("2024-02-29T01:02:03.004Z")
        );
        assert_eq!(day_before("yesterday"), None);
        assert_eq!(day_before("2024-13-01T"), None);
    }

    #[test]
    fn extreme_times_do_not_panic() {
        for epoch in [i64::MIN, -62_167_219_201, 0, i64::MAX] {
            let clock = WallClock::new(UnixTime::new(epoch));
            assert!(clock.iso(Monotonic::new(Duration::MAX)).as_str().ends_with('Z'));
            assert!(clock.http(Monotonic::new(Duration::MAX)).ends_with("GMT"));
        }
    }
}
