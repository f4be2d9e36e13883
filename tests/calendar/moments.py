#!/usr/bin/env python3
"""Writes moments.tsv: freezes in ten zones, evaluated by zoneinfo, dateutil and icalendar.

pip install icalendar python-dateutil tzdata; ./moments.py > moments.tsv
Columns: zone, freeze, moment, and the end of the freeze or `open`. A freeze is `weekly TEXT`,
`dates FROM UNTIL`, or `ics LINES` with `|` between the lines of an event.
"""
import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Event

UTC = timezone.utc
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
# Each with nights in which something is special there.
ZONES = {
    "Europe/Paris": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Asia/Kolkata": ["2026-02-28", "2026-06-01"],
    "Asia/Kathmandu": ["2026-02-28", "2026-06-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Pacific/Kiritimati": ["2026-02-28", "2026-06-01"],
    "Pacific/Pago_Pago": ["2026-02-28", "2026-06-01"],
    "America/Sao_Paulo": ["2018-11-04", "2019-11-03"],
    "Europe/Istanbul": ["2016-03-27", "2016-10-30"],
    "Pacific/Apia": ["2011-12-30", "2021-09-26"],
}
ALWAYS = ["2028-02-29", "2026-12-31"]


def utc(zone, local):
    """RFC 5545, 3.3.5: the offset before a gap, the first of two."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def weekly(zone, text, moment):
    begin, end = [part.split(" ") for part in text.split(" - ")]
    day, first = moment.astimezone(zone).date(), None
    for back in range(-8, 9):
        start = day + timedelta(days=back)
        if DAYS[start.weekday()] != begin[0]:
            continue
        ahead = (DAYS.index(end[0]) - DAYS.index(begin[0])) % 7
        at = lambda date, clock: datetime.combine(date, datetime.strptime(clock, "%H:%M").time())
        a, b = at(start, begin[1]), at(start + timedelta(days=ahead), end[1])
        if b <= a:
            b += timedelta(days=7)
        if utc(zone, a) <= moment < utc(zone, b):
            first = max(first or utc(zone, b), utc(zone, b))
    return first


def dates(zone, text, moment):
    a, b = [utc(zone, datetime.fromisoformat(part)) for part in text.split(" ")]
    return b if a <= moment < b else None


def ics(zone, text, moment):
    lines = ["BEGIN:VEVENT", *text.split("|"), "END:VEVENT", ""]
    event = Event.from_ical("\r\n".join(lines))
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    all_day = not isinstance(start, datetime)
    naive = datetime.combine(start, datetime.min.time()) if all_day else start.replace(tzinfo=None)
    starts = [naive]
    if "RRULE" in event:
        rule = event["RRULE"].to_ical().decode()
        starts = rrulestr(rule, dtstart=naive).between(
            moment.replace(tzinfo=None) - timedelta(days=40),
            moment.replace(tzinfo=None) + timedelta(days=40), inc=True)
    if "EXDATE" in event:
        gone = {it.dt.replace(tzinfo=None) for it in event["EXDATE"].dts}
        starts = [it for it in starts if it not in gone]
    found = None
    for it in starts:
        a = utc(zone, it)
        if all_day:
            days = (end - start).days if end else 1
            b = utc(zone, it + timedelta(days=days))
        elif end is not None:
            b = a + (end.astimezone(UTC) - start.astimezone(UTC))
        else:
            lasts = event["DURATION"].dt
            b = utc(zone, it + timedelta(days=lasts.days)) + timedelta(seconds=lasts.seconds)
        if a <= moment < b:
            found = max(found or b, b)
    return found


def main():
    pick = random.Random(2026)
    print("# Written by moments.py. Zone, freeze, moment, end of the freeze or `open`.")
    for name, nights in ZONES.items():
        zone = ZoneInfo(name)
        for number in range(20):
            night = date.fromisoformat(pick.choice(nights * 2 + ALWAYS))
            day = night.strftime("%Y%m%d")
            eve, morrow = night - timedelta(days=1), night + timedelta(days=1)
            a, b = DAYS[eve.weekday()], DAYS[morrow.weekday()]
            clock = pick.choice(["00:30", "01:45", "02:15", "02:30", "03:00"])
            hm = clock.replace(":", "") + "00"
            kind, text = pick.choice([
                ("weekly", f"{a} 16:00 - {b} 08:00"),
                ("weekly", f"{DAYS[night.weekday()]} {clock} - {DAYS[night.weekday()]} 12:00"),
                ("dates", f"{night}T{clock} {morrow}T{clock}"),
                ("ics", f"DTSTART;VALUE=DATE:{day}"),
                ("ics", f"DTSTART;TZID={name}:{eve:%Y%m%d}T{hm}|DURATION:P1DT1H|RRULE:FREQ=DAILY;INTERVAL=3;COUNT=9"),
                ("ics", f"DTSTART;TZID={name}:{eve - timedelta(days=28):%Y%m%d}T{hm}"
                        f"|DTEND;TZID={name}:{eve - timedelta(days=26):%Y%m%d}T060000|RRULE:FREQ=WEEKLY"
                        f"|EXDATE;TZID={name}:{eve - timedelta(days=7):%Y%m%d}T{hm}"),
                ("ics", f"DTSTART;VALUE=DATE:{day}|DTEND;VALUE=DATE:{morrow + timedelta(days=1):%Y%m%d}"
                        "|RRULE:FREQ=YEARLY;COUNT=3"),
            ])
            # Around the beginning, the end, and the skipped or doubled hour.
            near = utc(zone, datetime.combine(night, datetime.min.time()))
            moment = near + timedelta(minutes=pick.randrange(-36 * 60, 48 * 60, 15))
            if number % 4 == 0:
                moment = utc(zone, datetime.fromisoformat(f"{night}T{clock}"))
            until = {"weekly": weekly, "dates": dates, "ics": ics}[kind](zone, text, moment)
            shown = until.strftime("%Y-%m-%dT%H:%M:%SZ") if until else "open"
            print(name, f"{kind} {text}", moment.strftime("%Y-%m-%dT%H:%M:%SZ"), shown, sep="\t")


main()
