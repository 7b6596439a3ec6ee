//! What a program finds of the system around it, and what of it is bounded.

use crate::{Place, SOON, none, until};
use confine::{Environment, Host, Landlock, Limits, Log, Masked, Memory, spawn};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command, time::Duration};

pub fn secret_in_no_command_line() {
    let place = Place::new();
    // A host that writes down with which words it is started, before it does its work.
    let host = place.path("bin/host");
    let exe = std::env::current_exe().unwrap();
    let words = place.path("outside/words");
    fs::write(&words, "").unwrap();
    fs::set_permissions(&words, fs::Permissions::from_mode(0o666)).unwrap();
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >> {}\nexec {} \"$@\"\n", words.display(), exe.display());
    fs::write(&host, script).unwrap();
    fs::set_permissions(&host, fs::Permissions::from_mode(0o755)).unwrap();
    let host = Host { program: host, args: vec!["confine".into()] };
    // The executable of the test lies where another user may not look.
    let limits = Limits { uid_gid: None, read_paths: vec![place.path("bin"), exe], ..place.limits(none()) };
    let mut target = place.target("/bin/sh", &["-c", "sleep 1000; :"]);
    target.environment = Environment::default().with("DATABASE_URL", "planted-secret");
    assert!(!format!("{target:?}").contains("planted"));
    let started = spawn(&host, &target, &limits, &Log::at(place.path("log"))).unwrap();
    let pid = started.identity.pid;
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(environ.split(|byte| *byte == 0).any(|pair| pair == b"DATABASE_URL=planted-secret"));
    for item in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(item.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains("planted"), "{}", String::from_utf8_lossy(&line));
    }
    until(|| fs::read_to_string(&words).unwrap().lines().count() == 2);
    let said = fs::read_to_string(&words).unwrap();
    let mut said: Vec<_> = said.lines().collect();
    said.sort_unstable();
    assert_eq!(said, ["confine", &format!("confine log {}", place.path("log").display())]);
    started.identity.terminate(SOON).unwrap();
}

/// The target: what it may read of itself and of another process.
pub fn look(pid: &str) {
    let own = |name: &str| fs::read(format!("/proc/self/{name}")).is_ok();
    let other = |name: &str| fs::read(format!("/proc/{pid}/{name}")).is_ok();
    let child = Command::new("/bin/cat").arg("/proc/self/maps").output().unwrap();
    println!(
        "{}",
        json!({
            "own": (["maps", "status", "stat", "environ", "cmdline", "limits"].map(own)),
            "tasks": fs::read_dir("/proc/self/task").is_ok() && fs::read_dir("/proc/self/fd").is_ok(),
            "other": (["maps", "status", "environ", "cmdline"].map(other)),
            "lists": fs::read_dir("/proc").is_ok(),
            "child": child.status.success(),
        })
    );
}

pub fn own_entry_and_no_other() {
    let place = Place::new();
    let pid = std::process::id().to_string();
    // As the same user, so that nothing but the rules stands between them.
    let limits = Limits { uid_gid: None, ..place.limits(none()) };
    let started = place.spawn(&place.target(place.path("bin/act"), &["look", &pid]), &limits).unwrap();
    let said = place.said(&started);
    if started.enforced.landlock != Landlock::Full {
        return println!("test own entry ... skipped (1): landlock is not there in full");
    }
    assert_eq!(said["own"], json!([true, true, true, true, true, true]), "{said}");
    assert_eq!((&said["tasks"], &said["lists"]), (&json!(true), &json!(false)), "{said}");
    assert_eq!(said["other"], json!([false, false, false, false]), "{said}");
    assert_eq!(said["child"], false, "a rule about its pid says nothing of its children");
}

pub fn what_a_runtime_needs() {
    let place = Place::new();
    let script = "for f in /etc/hosts /etc/resolv.conf /etc/nsswitch.conf /etc/passwd /etc/group \
        /etc/ssl/certs/ca-certificates.crt /proc/meminfo /proc/cpuinfo /dev/urandom; do \
        [ ! -e $f ] || head -c 1 $f > /dev/null || echo no $f; done; \
        for f in /etc/shadow /etc/ssl/private /root /proc/1/environ /etc/machine-id; do \
        cat $f > /dev/null 2>&1 && echo read $f; done; \
        (echo x > /dev/full) 2> /dev/null && echo full; echo x > /dev/stdout; exit 0";
    let limits = Limits { uid_gid: None, ..place.limits(none()) };
    let started = place.spawn(&place.target("/bin/sh", &["-c", script]), &limits).unwrap();
    until(|| !started.identity.is_alive());
    let printed = || fs::read_to_string(place.path("log")).unwrap();
    until(|| printed().contains('x'));
    if started.enforced.landlock == Landlock::Full {
        assert_eq!(printed(), "x\n");
    }
}

/// The target: uses so much memory, and says so where it lives to.
pub fn eat(mib: usize) -> Vec<u8> {
    let block = vec![1_u8; mib << 20];
    println!("ate {}", block.iter().step_by(4096).map(|byte| usize::from(*byte)).sum::<usize>() >> 8);
    block
}

pub fn memory_of_all_together() {
    let place = Place::new();
    let limits = |name: &str| {
        let group = Some(format!("{name}.{}", std::process::id()));
        Limits { group, memory_mib: 64, ..place.limits(none()) }
    };
    let eat = |name: &str, mib: &str| {
        let started = place.spawn(&place.target(place.path("bin/act"), &["eat", mib]), &limits(name)).unwrap();
        until(|| !started.identity.is_alive());
        started
    };
    let started = eat("small", "32");
    let printed = || fs::read_to_string(place.path("log")).unwrap();
    until(|| printed().contains("ate 32"));
    if started.enforced.memory != Memory::Group {
        return println!("test memory of a group ... skipped (1): no memory control group may be used here");
    }
    assert!(!started.enforced.missing().iter().any(|line| line.contains("memory")));
    eat("large", "128");
    // Why it ended stays known while others start, and until it starts again.
    let name = |name: &str| format!("{name}.{}", std::process::id());
    eat("small", "16");
    assert!(confine::killed_for_memory(&name("large")) && !confine::killed_for_memory(&name("small")));
    eat("large", "16");
    assert!(!confine::killed_for_memory(&name("large")));
    // Two that fit each by itself, and not together.
    let act = place.path("bin/act");
    let script = format!("({0} hold 40; echo gone) & ({0} hold 40; echo gone) & wait", act.display());
    let both = place.spawn(&place.target("/bin/sh", &["-c", &script]), &limits("both")).unwrap();
    until(|| printed().contains("gone"));
    both.identity.terminate(Duration::ZERO).unwrap();
    assert!(!printed().contains("ate 128"), "{}", printed());
    for group in ["small", "large", "both"] {
        confine::forget_group(&name(group));
    }
}

pub fn log_stays_bounded() {
    let place = Place::new();
    let script = "head -c 40000000 /dev/zero | tr '\\0' 'x'; echo; echo end; sleep 1000";
    let started = place.spawn(&place.target("/bin/sh", &["-c", script]), &place.limits(none())).unwrap();
    let log = place.path("log");
    until(|| fs::read(&log).unwrap_or_default().ends_with(b"end\n"));
    assert!(started.identity.is_alive());
    for part in [log.clone(), confine::older(&log)] {
        assert!(fs::metadata(part).unwrap().len() <= confine::MAX_LOG_BYTES);
    }
    let writers = || {
        let line = format!("log\0{}\0", log.display());
        let items = fs::read_dir("/proc").unwrap().flatten();
        items
            .filter(|item| fs::read(item.path().join("cmdline")).unwrap_or_default().ends_with(line.as_bytes()))
            .count()
    };
    assert_eq!(writers(), 1);
    started.identity.terminate(SOON).unwrap();
    until(|| writers() == 0);
}

pub fn log_is_kept_or_nothing_starts() {
    let place = Place::new();
    let limits = Limits { uid_gid: None, ..place.limits(none()) };
    // The writer runs elsewhere; the path is meant from here.
    let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
    let log = Log {
        path: PathBuf::from(up).join(place.path("log").strip_prefix("/").unwrap()),
        begin: Some("--- start ---".to_owned()),
        masked: vec![Masked { key: "PASSWORD".to_owned(), value: "planted-secret".to_owned() }],
    };
    let said = "printf 'a planted-'; printf 'secret, and another: planted-secret\\nplant'";
    let target = place.target("/bin/sh", &["-c", said]);
    let started = spawn(&Host::this(), &target, &limits, &log).unwrap();
    until(|| !started.identity.is_alive());
    let shown = "--- start ---\na [secret PASSWORD], and another: [secret PASSWORD]\n[secret PASSWORD]";
    until(|| fs::read_to_string(place.path("log")).unwrap() == shown);
    // A writer that does not come up is the start's error.
    let host = place.path("bin/host");
    let exe = std::env::current_exe().unwrap();
    let script = format!("#!/bin/sh\n[ \"$2\" = log ] && exit 3\nexec {} \"$@\"\n", exe.display());
    fs::write(&host, script).unwrap();
    fs::set_permissions(&host, fs::Permissions::from_mode(0o755)).unwrap();
    let host = Host { program: host, args: vec!["confine".into()] };
    let limits = Limits { read_paths: vec![place.path("bin"), exe], ..limits };
    let error = spawn(&host, &target, &limits, &Log::at(place.path("log"))).unwrap_err().to_string();
    assert!(error.contains("cannot be kept") && error.contains("nothing was started"), "{error}");
}

pub fn directories_are_its_own() {
    let place = Place::new();
    let mut target = place.target("/bin/sh", &["-c", "echo x > $TMPDIR/y && cd && pwd"]);
    target.directories = vec![place.path("data/tmp")];
    target.environment = Environment::default()
        .with("TMPDIR", place.path("data/tmp").to_str().unwrap())
        .with("HOME", place.path("data").to_str().unwrap());
    let started = place.spawn(&target, &place.limits(none())).unwrap();
    until(|| !started.identity.is_alive());
    until(|| fs::read_to_string(place.path("log")).unwrap() == format!("{}\n", place.path("data").display()));
    assert_eq!(fs::read_to_string(place.path("data/tmp/y")).unwrap(), "x\n");
    // A directory elsewhere is refused by the target's own limits.
    target.directories = vec![place.path("outside/tmp")];
    if started.enforced.landlock == Landlock::Full {
        let error = place.spawn(&target, &place.limits(none())).unwrap_err().to_string();
        assert!(error.contains("outside/tmp"), "{error}");
    }
}
