use super::*;

fn processes() -> (Processes, Rc<RefCell<Vec<String>>>) {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&lines);
    let sink: Sink = Rc::new(move |line: &str| kept.borrow_mut().push(line.to_owned()));
    let identity =
        Identity { user: Some("ada".into()), host: Some("orbit".into()), ..Identity::default() };
    let secrets = Secrets::of(["ghs_secret+".into()]);
    (Processes::new(PathBuf::from("/"), identity, &secrets, sink), lines)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn sh(processes: &Processes, script: &str, timeout: Duration) -> Result<Ended, PortError> {
    processes.run(&words(&["sh", "-c", script]), &[("A".into(), "b c".into())], timeout).await
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn command_output_is_forwarded_line_by_line_with_the_exit_code() {
    let (processes, lines) = processes();
    let ended = sh(&processes, "echo \"$A\"; printf 'no end'; exit 7", LONG).await.unwrap();
    assert_eq!(ended, Ended { code: Some(7), tail: "b c\nno end".into() });
    assert_eq!(*lines.borrow(), ["b c", "no end"]);
}

#[tokio::test]
async fn standard_error_is_captured_too() {
    let (processes, _) = processes();
    let ended = sh(&processes, "echo oops >&2", LONG).await.unwrap();
    assert_eq!(ended, Ended { code: Some(0), tail: "oops".into() });
}

#[tokio::test]
async fn arguments_are_not_interpreted_by_a_shell() {
    let (processes, lines) = processes();
    processes.probe(&words(&["echo", "$HOME; `id`"]), &[]).await.unwrap();
    assert_eq!(*lines.borrow(), ["$HOME; `id`"]);
}

#[tokio::test]
async fn a_command_that_cannot_start_is_rejected() {
    let (processes, _) = processes();
    let missing = processes.probe(&words(&["/no/such/program"]), &[]).await.unwrap_err();
    assert!(matches!(missing, PortError::Refused { .. }), "{missing}");
    assert!(processes.probe(&[], &[]).await.is_err());
}

#[tokio::test]
async fn only_the_end_of_long_output_is_kept() {
    let (processes, _) = processes();
    let ended = sh(&processes, "seq 1 5000; printf 'x%.0s' $(seq 40000)", LONG).await.unwrap();
    assert!(ended.tail.len() <= TAIL);
    assert!(ended.tail.ends_with('x'));
}

#[tokio::test]
async fn a_secret_is_masked_even_at_the_cut_of_a_long_line() {
    let (processes, lines) = processes();
    for before in LINE - 12..LINE + 2 {
        let script = format!("printf 'x%.0s' $(seq {before}); echo ghs_secret+; echo ghs_secret+");
        let ended = sh(&processes, &script, LONG).await.unwrap();
        assert!(ended.tail.ends_with("x***\n***"), "{}", ended.tail);
    }
    assert!(lines.borrow().iter().all(|line| !line.contains('g')), "{before}", before = LINE);
}

#[tokio::test]
async fn the_timeout_kills_the_command_and_its_children() {
    let (processes, lines) = processes();
    let script = "sleep 300 & echo $!; wait";
    let ended = sh(&processes, script, Duration::from_millis(300)).await.unwrap();
    assert_eq!(ended.code, None);
    let child: u32 = lines.borrow()[0].parse().unwrap();
    let dead = || match Stat::read(Path::new("/proc"), child) {
        Ok(stat) => matches!(stat.state, 'Z' | 'X'),
        Err(_) => true,
    };
    for _ in 0..100 {
        if dead() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("process {child} lives on");
}

#[tokio::test]
async fn background_processes_of_a_command_do_not_hold_up_the_release() {
    let (processes, _) = processes();
    let started = std::time::Instant::now();
    let ended = sh(&processes, "sleep 30 & echo done", LONG).await.unwrap();
    assert_eq!(ended.code, Some(0));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_reused_process_id_with_another_start_time_is_gone() {
    let (processes, _) = processes();
    let me = processes.me();
    assert_eq!(me.name, "ada@orbit");
    assert!(!processes.gone(&me));
    assert_eq!(processes.alive(&me), Path::new("/proc/1/stat").exists());
    if !Path::new("/proc/1/stat").exists() {
        return;
    }
    assert!(processes.gone(&Holder { started: Some(1), ..me.clone() }));
    assert!(processes.gone(&Holder { process: 4_194_305, ..me.clone() }));
    assert!(!processes.alive(&Holder { started: Some(1), ..me.clone() }));
    let elsewhere = Holder { machine: "other".into(), process: 4_194_305, ..me };
    assert!(!processes.gone(&elsewhere) && !processes.alive(&elsewhere));
}

#[tokio::test]
async fn a_runner_is_not_gone_while_its_command_is_still_running() {
    if !Path::new("/proc/1/stat").exists() {
        return;
    }
    let (mut dead, lines) = processes();
    dead.holder.process = 4_194_305;
    let holder = dead.me();
    let (alive, _) = processes();
    assert!(alive.gone(&holder));
    sh(&dead, "sleep 300 >/dev/null 2>&1 & echo $!", LONG).await.unwrap();
    assert!(!alive.gone(&holder) && alive.alive(&holder));
    let child = lines.borrow()[0].clone();
    alive.run(&words(&["kill", "-KILL", &child]), &[], LONG).await.unwrap();
    for _ in 0..100 {
        if alive.gone(&holder) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("what ended is still seen");
}

#[test]
fn a_runner_is_never_gone_if_processes_are_not_visible() {
    let (processes, _) = processes();
    let empty = tempfile::tempdir().unwrap();
    assert!(!is_gone(empty.path(), &processes.me()));
}

#[test]
fn process_stats_are_parsed_for_any_program_name() {
    let rest = (4..=21).map(|field| field.to_string()).collect::<Vec<_>>().join(" ");
    let stat = Stat::parse(&format!("7 (a) b (c) S {rest} 12345 23")).unwrap();
    assert_eq!((stat.state, stat.started), ('S', 12345));
}
