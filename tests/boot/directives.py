"""Which line of probe.py or which test of `make boot` exercises each directive of the units.

A directive that is not here may not be in a unit (tests/uplink/test_units.py).
"""

PROBED: dict[str, str] = {
    # directive -> the line of probe.py that must say "refused" in a unit with this directive
    "NoNewPrivileges": "new_privileges",
    "CapabilityBoundingSet": "capabilities",
    "ProtectSystem": "system_files",
    "ProtectHome": "home",
    "PrivateTmp": "shared_tmp",
    "PrivateUsers": "users",
    "DevicePolicy": "strange_device",
    "PrivateDevices": "serial_line",
    "ProtectClock": "clock",
    "ProtectKernelTunables": "kernel_switches",
    "ProtectKernelModules": "modules",
    "ProtectKernelLogs": "kernel_log",
    "ProtectControlGroups": "control_groups",
    "ProtectProc": "other_processes",
    "ProcSubset": "machine_facts",
    "RestrictAddressFamilies": "netlink",
    "RestrictNamespaces": "namespaces",
    "RestrictRealtime": "real_time",
    "RestrictSUIDSGID": "user_bit",
    "LockPersonality": "personality",
    "MemoryDenyWriteExecute": "write_and_execute",
    "SystemCallFilter": "debugging_call",
}


def probed(unit: str, directive: str) -> str:
    """The line of probe.py for a directive in this unit. The booth's compositor needs netlink, so the booth's unit
    refuses the internet instead.
    """
    return "internet" if (unit, directive) == ("booth", "RestrictAddressFamilies") else PROBED[directive]


SEEN: dict[str, str] = {
    # directive -> the test of test_boot.py that would fail without it, or that looks at it
    "Description": "every_unit_gets_active",
    "Documentation": "the_packages_install_without_a_network",
    "Wants": "the_booth_has_its_seat_from_seatd",
    "After": "the_booth_has_its_seat_from_seatd",
    "Conflicts": "systemd_knows_every_directive",
    "ConditionPathExists": "the_packages_install_without_a_network",
    "StartLimitIntervalSec": "systemd_knows_every_directive",
    "Type": "every_unit_gets_active",
    "NotifyAccess": "every_unit_gets_active",
    "ExecStart": "every_unit_gets_active",
    "Nice": "systemd_knows_every_directive",
    "PrivateNetwork": "a_release_of_the_office_is_installed_and_runs",
    "ExecStartPre": "every_unit_gets_active",
    "ExecStartPost": "an_answer_of_the_set_up_at_the_panel_is_written_by_root",
    "RuntimeDirectoryPreserve": "an_answer_of_the_set_up_at_the_panel_is_written_by_root",
    "ExecStopPost": "a_killed_booth_leaves_no_lamp_on",
    "Environment": "the_panel_shows_the_first_screen",
    "User": "the_sandbox_refuses",
    "Group": "the_sandbox_refuses",
    "StateDirectory": "the_sandbox_refuses",
    "StateDirectoryMode": "the_sandbox_refuses",
    "RuntimeDirectory": "the_panel_shows_the_first_screen",
    "RuntimeDirectoryMode": "the_sandbox_refuses",
    "WorkingDirectory": "the_sandbox_refuses",
    "UMask": "the_sandbox_refuses",
    "Restart": "a_killed_booth_leaves_no_lamp_on",
    "RestartSec": "a_killed_booth_leaves_no_lamp_on",
    "WatchdogSec": "a_killed_uplink_and_a_stopped_booth_come_back",
    "TimeoutStartSec": "every_unit_gets_active",
    "TimeoutStopSec": "stop_ends_in_time_and_leaves_no_lamp_on",
    "LimitCORE": "the_sandbox_refuses",
    "LimitNOFILE": "the_sandbox_refuses",
    "MemoryMax": "systemd_knows_every_directive",
    "PrivateMounts": "the_sandbox_refuses",
    "ProtectHostname": "the_sandbox_refuses",
    "DeviceAllow": "the_sandbox_refuses",
    "ReadWritePaths": "the_sandbox_refuses",
    "RemoveIPC": "what_a_stopped_unit_shared_is_gone",
    "IPAddressDeny": "systemd_knows_every_directive",
    "SystemCallArchitectures": "systemd_knows_every_directive",
    "SystemCallErrorNumber": "the_sandbox_refuses",
    "WantedBy": "the_packages_install_without_a_network",
}
