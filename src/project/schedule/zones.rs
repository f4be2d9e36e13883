//! Time zones in an iCalendar file: names of the IANA database, or a `VTIMEZONE` in the file with
//! one yearly rule for summer and one for winter, as Exchange writes for its own names.

use super::component::Component;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The `VTIMEZONE` components of a file.
pub(super) struct ZoneRules<'r, 'p> {
    components: &'r [Component<'p>],
}

/// A zone of the IANA database. Some programs write a prefix (`/example.org/Europe/Paris`).
pub(super) fn named(name: &str) -> Option<TimeZone> {
    let database = TimeZoneDatabase::bundled();
    if !name.starts_with('/') {
        return database.get(name).ok();
    }
    let ends = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
    ends.filter(|end| end.contains('/')).find_map(|end| database.get(end).ok())
}

impl<'r, 'p> ZoneRules<'r, 'p> {
    pub(super) fn of(components: &'r [Component<'p>]) -> Self {
        Self { components }
    }

    /// The zone with a name, according to the newest rules for it in the file.
    pub(super) fn zone(&self, name: &str) -> Option<TimeZone> {
        let all = self.components.iter().enumerate();
        let (number, _) = all.clone().find(|(_, component)| {
            component.kind == "VTIMEZONE" && component.value("TZID") == Some(name)
        })?;
        let newest = |kind: &str| {
            let within = |component: &&Component<'_>| {
                component.parent == Some(number) && component.kind == kind
            };
            let all = self.components.iter().filter(within);
            all.max_by_key(|component| component.value("DTSTART"))
        };
        let standard = newest("STANDARD")?;
        let offset = |component: &Component<'_>| posix_offset(component.value("TZOFFSETTO")?);
        let winter = offset(standard)?;
        let text = match newest("DAYLIGHT") {
            None => format!("<Z>{winter}"),
            Some(_) if standard.value("RRULE").is_none() => format!("STD{winter}"),
            Some(daylight) => {
                let (begin, end, summer) = (rule(daylight)?, rule(standard)?, offset(daylight)?);
                format!("STD{winter}DST{summer},{begin},{end}")
            }
        };
        TimeZone::posix(&text.replace("<Z>", "STD")).ok()
    }
}

/// `+0100` as POSIX writes it: `-01:00`.
fn posix_offset(text: &str) -> Option<String> {
    let sign = match text.get(..1)? {
        "+" => "-",
        "-" => "+",
        _ => return None,
    };
    let digits = text.get(1..)?;
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("{sign}{}:{}", &digits[..2], &digits[2..]))
}

/// `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU` at two o'clock as POSIX writes it: `M3.5.0/2:00`.
fn rule(component: &Component<'_>) -> Option<String> {
    let rule = component.value("RRULE")?;
    let part = |key: &str| {
        let mut parts = rule.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(name, _)| *name == key).map(|(_, value)| value)
    };
    let known = ["FREQ", "BYMONTH", "BYDAY", "INTERVAL", "WKST"];
    let plain =
        rule.split(';').all(|it| it.split_once('=').is_some_and(|it| known.contains(&it.0)));
    let yearly = part("FREQ") == Some("YEARLY") && part("INTERVAL").is_none_or(|it| it == "1");
    if !plain || !yearly {
        return None;
    }
    let month: u8 = part("BYMONTH")?.parse().ok()?;
    let day = part("BYDAY")?;
    let (week, day) = day.split_at_checked(day.len().checked_sub(2)?)?;
    let week =
        if week == "-1" { 5 } else { week.parse().ok().filter(|it| (1..=4).contains(it))? };
    let day = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"].iter().position(|it| *it == day)?;
    let time = component.value("DTSTART")?.split_once('T')?.1;
    Some(format!("M{month}.{week}.{day}/{}:{}", time.get(..2)?, time.get(2..4)?))
}
