//! `--wait`: shows the progress.

use super::out::{Out, Results, columns};
use super::stop::Stop;
use super::world::World;
use crate::drive::observe::{ObserveRequest, Observed, observe};
use crate::drive::wait::Waiter;
use crate::judge::gates::GateSelection;
use crate::judge::watch::{Board, ProgressLog};
use crate::ports::Clock as _;
use crate::report::watch::{board, line};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::time::Duration;

/// How often the board is redrawn.
const TICK: Duration = Duration::from_secs(1);

/// Observes the repository, waits while the verdict is hold, and returns the latest state; `None`
/// if it was stopped before the first one.
pub(super) async fn watch(
    world: &World,
    order: ObserveRequest,
    selection: GateSelection,
    seconds: u64,
    out: Out,
) -> anyhow::Result<Option<Observed>> {
    let mut stop = Stop::new()?;
    let first = tokio::select! {
        biased;
        () = stop.requested() => return Ok(None),
        first = async { observe(&world.read_ports(), &order).await } => first?,
    };
    let mut seen = first;
    let max_wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    tokio::select! {
        biased;
        () = stop.requested() => {}
        waited = wait(world, order, selection, max_wait, &mut seen, out) => waited?,
    }
    Ok(Some(seen))
}

/// Waits while the verdict is hold, and shows the progress; stores the latest state in `seen`.
pub(super) async fn wait(
    world: &World,
    order: ObserveRequest,
    selection: GateSelection,
    max_wait: SignedDuration,
    seen: &mut Observed,
    out: Out,
) -> anyhow::Result<()> {
    let screen = Screen::new(world, out);
    let show = |board: Board| screen.show(board);
    let rate_limit = || world.rate_limit();
    let waiter = Waiter {
        read_ports: world.read_ports(),
        order,
        selection,
        max_wait,
        rate_limit: &rate_limit,
        watcher: (!out.is_quiet()).then_some(&show),
    };
    tokio::select! {
        biased;
        waited = waiter.wait(seen) => Ok(waited?),
        never = screen.draw() => never,
    }
}

/// Where the progress is shown.
enum Screen<'a> {
    /// A terminal: redrawn.
    Live(Live<'a>),
    /// A log: one line for each change.
    Log(RefCell<ProgressLog>, Out),
}

struct Live<'a> {
    world: &'a World,
    out: Out,
    progress: MultiProgress,
    shown: RefCell<(Vec<ProgressBar>, Option<Board>)>,
}

impl<'a> Screen<'a> {
    fn new(world: &'a World, out: Out) -> Self {
        let progress = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        if progress.is_hidden() {
            return Self::Log(RefCell::default(), out);
        }
        Self::Live(Live { world, out, progress, shown: RefCell::default() })
    }

    fn show(&self, board: Board) {
        match self {
            Self::Live(live) => {
                live.shown.borrow_mut().1 = Some(board);
                live.draw();
            }
            Self::Log(news, out) => {
                if let Some(new) = news.borrow_mut().of(&board) {
                    out.progress(&line(&board, &new));
                }
            }
        }
    }

    /// Redraws the board as time passes; never ends.
    async fn draw<T>(&self) -> T {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            match self {
                Self::Live(live) => live.draw(),
                Self::Log(..) => std::future::pending().await,
            }
        }
    }
}

impl Drop for Live<'_> {
    /// Restores the terminal, even if the wait is stopped.
    fn drop(&mut self) {
        // If the terminal is closed, it does not need to be cleared.
        let _ = self.progress.clear();
    }
}

impl Live<'_> {
    /// One bar for each line: each is cut to the terminal's width.
    fn draw(&self) {
        let mut shown = self.shown.borrow_mut();
        let (bars, Some(now)) = &mut *shown else { return };
        let columns = columns(Results::Stderr).unwrap_or(80);
        let lines = board(now, self.now(), columns, self.out.live_paint());
        while bars.len() > lines.len() {
            if let Some(bar) = bars.pop() {
                bar.finish_and_clear();
                self.progress.remove(&bar);
            }
        }
        while bars.len() < lines.len() {
            let style = ProgressStyle::with_template("{wide_msg}");
            let bar = self.progress.add(ProgressBar::no_length());
            bars.push(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())));
        }
        for (bar, line) in bars.iter().zip(lines) {
            bar.set_message(line);
        }
    }

    fn now(&self) -> Timestamp {
        self.world.clock().now()
    }
}
