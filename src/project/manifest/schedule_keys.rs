//! The keys of the `schedule` section.

use super::shape::{Field, Shape};

const FREEZE: Shape<'static> = Shape::Object(&[
    Field::new(
        "name",
        Shape::Text,
        "The name of the freeze in messages. The events of a calendar have their own names.",
    ),
    Field::new("reason", Shape::Text, "The reason for the freeze, shown in reports."),
    Field::new(
        "weekly",
        Shape::Text,
        "Every week: `Fri 16:00 - Mon 08:00`, or whole days, `Sat - Sun`.",
    ),
    Field::new("yearly", Shape::Text, "Every year: `12-24 - 01-02`, inclusive."),
    Field::new(
        "from",
        Shape::Text,
        "Once, with `until`: from this date, or date and time (`2026-12-18 16:00`).",
    ),
    Field::new("until", Shape::Text, "Until the end of this date, or until this date and time."),
    Field::new(
        "calendar",
        Shape::Path,
        "An iCalendar file in the repository, instead of a time. Each of its events is a freeze.",
    ),
    Field::new(
        "repository",
        Shape::Text,
        "With `calendar` and `commit`: the repository on the forge that contains the file, \
         `owner/name`.",
    ),
    Field::new(
        "commit",
        Shape::Text,
        "With `repository`: the full 40-digit SHA of the commit that contains the file.",
    ),
]);

/// A train.
pub(super) const TRAIN: Shape<'static> = Shape::Object(&[
    Field::new("name", Shape::Text, "The name of the train in messages.").required(),
    Field::new(
        "every",
        Shape::Duration,
        "The interval between two dates, in days, counted from `from`.",
    ),
    Field::new("from", Shape::Text, "With `every`: the first date, such as `2026-12-01 10:00`."),
    Field::new(
        "cron",
        Shape::Text,
        "Instead of `every`: a cron expression with a single time of day, in the local time of `timezone`.",
    ),
    Field::new(
        "dates",
        Shape::List { of: &Shape::Text, min: 1 },
        "Instead of `every`: the dates, such as `2026-12-01 10:00`.",
    ),
    Field::new(
        "cut-off",
        Shape::Duration,
        "How long before the train's date a change must be merged to leave with the train. If \
         omitted, changes can be merged until the date itself.",
    ),
    Field::new(
        "late",
        Shape::Duration,
        "How long after the train's date a release can still leave with the train.",
    )
    .default("1d"),
    Field::new(
        "stages",
        Shape::List { of: &Shape::Name, min: 1 },
        "The stages that wait for the train. Earlier stages can be entered at any time. If \
         omitted, all stages wait for it.",
    ),
]);

const WINDOW: Shape<'static> = Shape::Object(&[
    Field::new("name", Shape::Text, "The name of the window in messages.").required(),
    Field::new("weekly", Shape::Text, "Every week: `Tue 10:00 - Tue 16:00`."),
    Field::new("yearly", Shape::Text, "Every year: `03-01 - 03-31`, inclusive."),
    Field::new("from", Shape::Text, "Once, with `until`: from this date, or date and time."),
    Field::new("until", Shape::Text, "Until the end of this date, or until this date and time."),
]);

/// The section.
pub(super) const SCHEDULE: Field<'static> = Field::new(
    "schedule",
    Shape::Object(&[
        Field::new("timezone", Shape::Text, "The time zone of all times, by its IANA name.")
            .default("UTC"),
        Field::new(
            "freezes",
            Shape::List { of: &FREEZE, min: 1 },
            "Periods during which nothing is released. They take precedence over windows.",
        ),
        Field::new(
            "windows",
            Shape::List { of: &WINDOW, min: 1 },
            "The only periods during which releases are allowed. If omitted, releases are allowed \
             at any time outside of freezes.",
        ),
        Field::new(
            "trains",
            Shape::List { of: &TRAIN, min: 1 },
            "Scheduled releases, each with a series of dates. The gate `train-due` checks them.",
        ),
    ]),
    "When releases are allowed. The gates `window-open` and `train-due` check it.",
);
