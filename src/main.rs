//! The `tminus` binary: arguments in, exit code out.

use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;
use tminus::adapters::git::credentials;
use tminus::cli::{Args, Environment, Exit, Redacted, run, watch_signals};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let environment = Environment::of_process();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            let text = error.render().ansi().to_string();
            let _ = Redacted::new(environment.secrets()).write_all(text.as_bytes());
            return ExitCode::from(Exit::Usage.code());
        }
        // Asked for: the help, the version.
        Err(error) => error.exit(),
    };
    let environment = environment.knowing(credentials(&args.common.directory));
    let secrets = environment.secrets();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = writeln!(Redacted::new(secrets), "{panic}");
    }));
    let level = match args.common.verbose {
        0 => "off",
        1 => "tminus=info",
        _ => "tminus=debug,reqwest=debug",
    };
    if args.common.verbose > 0 {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(level))
            .with_writer(move || Redacted::new(secrets))
            .init();
    }
    watch_signals();
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => ExitCode::from(runtime.block_on(run(&args, &environment)).code()),
        Err(_) => ExitCode::from(Exit::Unknown.code()),
    }
}
