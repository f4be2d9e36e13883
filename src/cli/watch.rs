//! `--wait`: who watches, and how the progress is shown.

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

/// How often the board is drawn.
const TICK: Duration = Duration::from_secs(1);

/// Looks, waits while the verdict is hold, and gives what was seen last; nothing where it was
/// stopped before that.
pub(super) async fn watch(
    world: &World,
    order: ObserveRequest,
    asking: GateSelection,
    seconds: u64,
    out: Out,
) -> anyhow::Result<Option<Observed>> {
    let mut stop = Stop::new()?;
    let first = tokio::select! {
        biased;
        () = stop.asked() => return Ok(None),
        first = async { observe(&world.read_ports(), &order).await } => first?,
    };
    let mut seen = first;
    let patience = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    tokio::select! {
        biased;
        () = stop.asked() => {}
        waited = wait(world, order, asking, patience, &mut seen, out) => waited?,
    }
    Ok(Some(seen))
}

/// Waits while the verdict is hold and shows what for; leaves in `seen` what was seen last.
pub(super) async fn wait(
    world: &World,
    order: ObserveRequest,
    asking: GateSelection,
    patience: SignedDuration,
    seen: &mut Observed,
    out: Out,
) -> anyhow::Result<()> {
    let screen = Screen::new(world, out);
    let show = |board: Board| screen.show(board);
    let allowance = || world.allowance();
    let waiter = Waiter {
        read_ports: world.read_ports(),
        order,
        asking,
        patience,
        allowance: &allowance,
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
        // A terminal that is gone needs no clearing.
        let _ = self.progress.clear();
    }
}

impl Live<'_> {
    /// One bar a line: each is cut at the terminal's width.
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
