//! A Governance that lies: it serves the standard log and signs it with the true log key, and every
//! service that acts is a real process of the real binary that follows it. Rows are lies, columns
//! are services. Each cell demands that the service refuses, says which leaf, has done nothing, and
//! is as stubborn after a kill -9 and a restart; and, so that this proves something, that the
//! service's act was due to whoever believed the lie. What is told truthfully, each carries out.

mod column;
mod forged;
mod rows;
pub mod stage;
mod truth;

use column::Column;
use control::{Executor, due_steps};
use model::{Service, Status};
use rows::{ROWS, Row};
use stage::Stage;
use testkit::{Lie, World};

/// One cell of the table.
fn refuses(column: &Column, row: &Row) {
    let mut stage = Stage::new(column);
    let double = &stage.double;
    let change = (row.truth)(double, column);
    stage.start(column.service);
    stage.until_folded(column.service);
    assert!(!stage.acted(column), "{}: it acted before the lie", row.name);

    // What is forged becomes visible at once and not piece by piece.
    let double = &stage.double;
    double.lie(Lie::Leaves(double.leaves()));
    let leaf = (row.lie)(double, change, column);
    let on_node = matches!(column.service, Service::Node | Service::Engine);
    let who = Executor { service: column.service, node: on_node.then_some(World::NODE) };
    let due = due_steps(&double.state(), &who);
    assert!(due.iter().any(|due| (column.act)(&due.action)), "{}: whoever believed it would not act", row.name);
    double.lie(Lie::None);

    for again in [false, true] {
        if again {
            stage.kill(column.service);
            stage.start(column.service);
        }
        let why = stage.until_stopped(column.service);
        assert!(why.starts_with(&format!("stopped at leaf {leaf}: ")), "{}: {why}", row.name);
        assert!(why.contains(row.says), "{}: {why}", row.name);
        assert_eq!(stage.double.submitted(), [], "{}: it said something", row.name);
        assert!(!stage.acted(column), "{}: it acted", row.name);
    }
    println!("{:12} {:40} refused at leaf {leaf}: {}", column.service.word(), row.name, row.says);
}

/// The same story without a lie.
fn carries_out(column: &Column) {
    let mut stage = Stage::new(column);
    let change = truth::due(&stage.double, column);
    stage.start(column.service);
    let mut own = 0;
    while let Some(step) = stage.double.state().changes[&change].step_due() {
        stage.until_double(|state| state.changes[&change].step_due() != Some(step));
        stage.double.advance_to(change, column.service);
        own += 1;
    }
    assert_eq!(stage.double.state().changes[&change].status, Status::Effective);
    assert!(stage.acted(column), "{} has not acted", column.service);
    assert_eq!(stage.double.submitted().len(), 2 * own, "an intent and an outcome of each step");
    if column.service == Service::Engine {
        assert_eq!(stage.shop().as_deref(), Some("2026.03.1"));
    }
}

fn column(column: &Column) {
    carries_out(column);
    for row in ROWS {
        refuses(column, row);
    }
}

#[test]
fn platform_services_believe_no_lie() {
    column(&column::PLATFORM);
}

#[test]
fn node_runtime_believes_no_lie() {
    column(&column::NODE);
}

#[test]
fn engine_runtime_believes_no_lie() {
    column(&column::ENGINE);
}

#[test]
fn integration_control_believes_no_lie() {
    column(&column::INTEGRATION);
}

/// No lie, and still not theirs: what is run on another node is left alone, and the own work goes on.
#[test]
fn a_true_run_for_another_node_is_left_alone() {
    for column in [&column::NODE, &column::ENGINE] {
        let mut stage = Stage::new(column);
        let other = truth::due_on_other_node(&stage.double, column);
        stage.start(column.service);
        stage.until_folded(column.service);
        // Known all at once: a draft that is seen before the others have observed it is observed here.
        stage.double.lie(Lie::Leaves(stage.double.leaves()));
        let own = truth::due(&stage.double, column);
        stage.double.lie(Lie::None);
        let step = stage.double.state().changes[&own].step_due().unwrap();
        stage.until_double(|state| state.changes[&own].steps[step.step as usize].done.is_some());
        let receipts = stage.double.submitted();
        assert!(receipts.iter().all(|command| truth::is_about(command, own)), "{receipts:?}");
        let waits = stage.double.state().changes[&other].clone();
        assert!(waits.step_due().is_some() && waits.steps.iter().all(|step| step.intent.is_none()), "{waits:?}");
    }
}

/// Without being told, a service of several nodes does not guess which one it is.
#[test]
fn a_service_that_is_not_told_its_node_does_nothing_and_says_so() {
    for column in [&column::NODE, &column::ENGINE] {
        let mut stage = Stage::new(column);
        stage.forget_node();
        truth::due(&stage.double, column);
        stage.start(column.service);
        let why = stage.until_check(column.service, "node", |check| check["ok"] == false);
        assert!(why.contains("prod-node-01, prod-node-02") && why.contains("`node`"), "{why}");
        stage.until_folded(column.service);
        assert_eq!(stage.double.submitted(), []);
        assert!(!stage.acted(column));
    }
}
