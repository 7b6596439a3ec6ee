//! Real fronts and real engines. This executable is test, service, front, host of `confine` and engine in one
//! (`harness = false`).

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod suite;

use std::{collections::VecDeque, future::Future, path::Path, pin::Pin, process::ExitCode, sync::Mutex, time::Instant};

/// Tests that run at once: they mostly wait for processes.
const AT_ONCE: usize = 3;

type Running = Pin<Box<dyn Future<Output = ()>>>;
type Test = (&'static str, fn() -> Running);

macro_rules! tests {
    ($($module:ident::$name:ident),+ $(,)?) => {
        [$((stringify!($name), (|| Box::pin(suite::$module::$name())) as fn() -> Running)),+]
    };
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["confine", words @ ..] => return confine::enter(words),
        ["front", "--dir", dir] => front::main(front::FrontOptions { dir: dir.into() }).unwrap(),
        ["storefront", release_dir, data_dir, listen] => storefront(release_dir, data_dir, listen),
        ["program", ..] => suite::program::program(),
        ["late-storefront", release_dir, data_dir, listen] => {
            std::thread::sleep(suite::life::LATE);
            storefront(release_dir, data_dir, listen);
        }
        ["dying-storefront", release_dir, data_dir, listen] => {
            std::thread::spawn(|| {
                std::thread::sleep(suite::life::LIFE);
                std::process::exit(3);
            });
            storefront(release_dir, data_dir, listen);
        }
        filters => return run(filters),
    }
    ExitCode::SUCCESS
}

fn storefront(release_dir: &str, data_dir: &str, listen: &str) {
    let options = storefront::StorefrontOptions {
        release_dir: Path::new(release_dir).to_owned(),
        data_dir: Path::new(data_dir).to_owned(),
        listen: listen.parse().unwrap(),
        generation: None,
    };
    storefront::main(options).unwrap();
}

/// The tests, as `cargo test` shows them; words that are not options choose among them.
fn run(filters: &[&str]) -> ExitCode {
    let tests: [Test; 39] = tests![
        life::a_release_is_started_switched_drained_and_stopped,
        life::a_start_is_over_as_soon_as_the_release_listens_and_is_healthy,
        life::a_release_that_does_not_work_is_refused_and_gone,
        life::a_changed_byte_is_never_started,
        life::what_serves_is_neither_stopped_nor_replaced,
        life::a_switch_compares_and_sets_and_is_safe_to_repeat,
        life::a_switch_that_was_interrupted_is_brought_to_its_end,
        life::a_switch_that_is_refused_leaves_nothing_of_an_interrupted_one,
        life::ten_switches_lose_no_request,
        watch::what_hangs_is_ended_and_started_again,
        watch::what_ends_again_and_again_is_said_until_it_lasts,
        watch::what_is_killed_comes_back_and_only_what_is_wanted,
        watch::the_next_service_adopts_what_runs,
        watch::what_a_crash_left_unrecorded_is_found_and_the_rest_is_named,
        damage::damaged_tables_of_the_front_are_written_again,
        damage::a_damaged_record_is_rebuilt_around_what_runs,
        program::a_program_is_started_by_its_environment_and_found_again_by_it,
        program::what_a_killed_program_left_on_its_port_does_not_keep_it_down,
        program::what_is_started_again_gets_secrets_of_its_own_tenant_alone,
        program::a_program_is_given_what_it_needs_or_is_not_started,
        program::a_program_connects_to_the_ports_it_is_given_and_to_no_other,
        program::a_program_has_as_long_to_start_as_it_is_given,
        program::what_uses_more_memory_than_it_may_have_ends_and_that_is_said,
        program::what_is_started_again_gets_what_its_bundle_names_and_not_what_a_file_says,
        worn::a_release_that_answers_as_another_bundle_is_refused,
        worn::what_answers_as_another_bundle_later_is_not_healthy,
        worn::the_words_of_an_answer_are_not_repeated,
        worn::a_shop_that_wears_its_theme_says_so,
        hosts::a_shop_answers_under_the_names_that_its_config_binds_and_no_others,
        limits::an_exception_ends_at_its_time_with_every_service_dead,
        limits::a_tenant_at_its_limit_can_still_be_switched,
        service::a_deployment_is_carried_out_from_the_ledger_alone,
        service::what_an_engine_prints_is_read_by_people_of_the_roster_and_goes_on,
        service::a_release_that_fails_its_visitors_is_reported_once,
        service::a_quota_exception_is_in_force_until_its_end_is_read_back,
        service::a_release_that_dies_in_its_soak_goes_back_by_itself,
        sight::engines_and_routes_are_shown_to_who_may_read_of_them,
        sight::a_secret_is_deposited_by_who_may_publish_a_config,
        thrice::three_times_is_once_and_each_step_is_taken_back,
    ];
    let chosen = filters.iter().filter(|word| !word.starts_with('-')).collect::<Vec<_>>();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(**word));
    let left: Mutex<VecDeque<Test>> = Mutex::new(tests.into_iter().filter(|(name, _)| wanted(name)).collect());
    let (count, begun, failed) = (left.lock().unwrap().len(), Instant::now(), Mutex::new(vec![]));
    println!("running {count} tests");
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(test) = next(&left) {
                    if !passes(test) {
                        failed.lock().unwrap().push(test.0);
                    }
                }
            });
        }
    });
    if engine::RunAs::if_root().is_none() {
        println!("test engines under a user each ... skipped (1): only root can");
    }
    let failed = failed.into_inner().unwrap();
    let (word, passed, seconds) =
        (if failed.is_empty() { "ok" } else { "FAILED" }, count - failed.len(), begun.elapsed());
    // As libtest says it, for whoever counts.
    println!(
        "test result: {word}. {passed} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s",
        failed.len(),
        seconds.as_secs_f32()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn next(left: &Mutex<VecDeque<Test>>) -> Option<Test> {
    left.lock().unwrap().pop_front()
}

/// Runs one, and says how it ended; what a failed one found was printed by its panic.
fn passes((name, test): Test) -> bool {
    let begin = Instant::now();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(test());
    };
    let passed = std::thread::Builder::new().name(name.to_owned()).spawn(run).unwrap().join().is_ok();
    if passed {
        println!("test {name} ... ok ({:.1} s)", begin.elapsed().as_secs_f32());
    } else {
        println!("test {name} ... FAILED");
    }
    passed
}
