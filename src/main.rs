//! The `tminus` binary: arguments in, exit code out.

use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;
use tminus::adapters::git::credentials;
use tminus::ci::Environment;
use tminus::cli::{
    Args, Redacted, colour, colour_unparsed, log, report_startup_error, report_usage_error, run,
    watch_signals,
};

fn main() -> ExitCode {
    let environment = Environment::of_process();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let given = || std::env::args_os().map(|word| word.to_string_lossy().into_owned());
            colour_unparsed(given(), &environment);
            if !error.use_stderr() {
                // Requested: the help, the version. Nothing of the arguments is in them.
                error.exit();
            }
            return ExitCode::from(report_usage_error(error, given(), &environment).code());
        }
    };
    colour(args.common.color, &environment);
    let environment = environment.knowing(credentials(&args.common.directory));
    let secrets = environment.secrets();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = writeln!(Redacted::new(secrets), "{panic}");
    }));
    log(args.common.verbose, secrets);
    watch_signals();
    let exit = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(&args, &environment)),
        Err(error) => report_startup_error(&args, &error, &environment),
    };
    ExitCode::from(exit.code())
}
