"""How the ids of the texts begin for details of audit entries that are words of the office, such as a role."""

BEGINS = {
    "booth.check_released check": "check.",
    "booth.check_released ground": "ground_of_waiver.",
    "correction.closed state": "case_state.",
    "correction.opened kind": "case_kind.",
    "data.held found_by": "found_by.",
    "data.requested found_by": "found_by.",
    "data.requested kind": "retention.kind_",
    "job.cancelled kind": "job_kind.",
    "attendance.noted reason": "absence.",
    "pass.issued reason": "passes.reason_",
    "prints.released ground": "print_ground.",
    "season.changed to": "season_to.",
    "season.changed what": "season_what.",
    "second.settled outcome": "second.outcome_",
    "shot.rejected reasons": "reason.",
    "shot.settled flags": "flag.",
    "shot.settled ground": "ground.",
    "shot.settled way": "answer.way_",
    "user.added role": "role.",
    "user.confirmed role": "role.",
}
"""The action and the name of the detail -> how the ids begin. An id ends with the word itself."""
