#!/bin/sh
# Answers as cargo would for the tests beside it: an empty workspace in $FAKE_ROOT, and what $FAKE_… says.
echo "cargo $*" >>"$FAKE_ROOT/calls"
case "$1" in
metadata)
    packages="[]"
    case "$*" in
    *--no-deps*) ;;
    *)
        if [ -n "$FAKE_LICENCE" ]; then
            source="registry+https://github.com/rust-lang/crates.io-index"
            packages="[{\"name\":\"copied\",\"version\":\"1.0.0\",\"license\":\"$FAKE_LICENCE\",\"source\":\"$source\"}]"
        fi
        ;;
    esac
    echo "{\"workspace_root\":\"$FAKE_ROOT\",\"target_directory\":\"$FAKE_ROOT/target\",\"packages\":$packages}"
    ;;
tree) echo "copied v1.0.0" ;;
fmt) exit "${FAKE_FMT:-0}" ;;
test)
    echo "seed=$COUNTERSIGN_SEED soak=$COUNTERSIGN_SOAK"
    if [ -n "$FAKE_NO_TESTS" ]; then exit 0; fi
    case "$*" in
    *rules-1*--)
        if [ -n "$FAKE_RULES" ]; then exit 101; fi
        echo "running 1 test"
        echo "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
        exit 0
        ;;
    # No filter here names a test of the rules.
    *rules-1*) exit 0 ;;
    esac
    echo "running 3 tests"
    echo "test limits ... ok"
    echo "limits: no landlock in this kernel" >>"$COUNTERSIGN_SKIPS"
    if [ -n "$FAKE_CRASH" ]; then exit 101; fi
    echo "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s"
    ;;
esac
