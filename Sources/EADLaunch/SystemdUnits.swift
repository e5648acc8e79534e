import EADConfiguration
package import EADCore
import EADEnvironments

/// Units for systemd: one for the controller, one for the learner, a template for workers, each in a sandbox.
package struct SystemdUnits {
    /// By the names of their files.
    package let units: [(name: String, text: String)]

    private static let homes = ["/home/", "/root/", "/run/user/"]

    /// - Parameter binaries: The directory of the commands.
    /// - Throws: `RoleFailure` naming what the sandbox could not read.
    package init(_ plan: LaunchPlan, binaries: String) throws(RoleFailure) {
        let configuration = plan.configuration
        let named = [("model.path", configuration.model.path), ("task.path", configuration.task.path ?? "")]
            .filter { plan.source.origin(of: $0.0) != nil }
        let paths = plan.files.map { ("the cluster file", $0.name) } + named
        for (name, path) in paths where Self.homes.contains(where: path.hasPrefix) {
            throw RoleFailure(
                .configuration,
                "\(name), \(path), is in a home directory, which the units cannot see: put it into /etc/ead or /var/lib/ead"
            )
        }
        let workers = configuration.workers.map(\.name.rawValue)
        self.units = [
            ("ead-controller.service", Self.unit(plan, plan.nodes[0], binaries)),
            ("ead-learner.service", Self.unit(plan, plan.nodes[1], binaries)),
            (
                "ead-worker@.service",
                Self.unit(
                    plan, LaunchPlan.Node(name: NodeID("%i"), role: .worker, threads: 1, host: nil), binaries,
                    remark: "\n# On this cluster's hosts: systemctl enable --now ead-worker@\(workers.first ?? "NODE")")
            ),
        ]
    }

    private static func unit(
        _ plan: LaunchPlan, _ node: LaunchPlan.Node, _ binaries: String, remark: String = ""
    ) -> String {
        let isTemplate = node.name == NodeID("%i")
        let name = isTemplate ? "%i" : Self.quoted(node.name.rawValue)
        let isEncrypted = plan.configuration.security.mode == .curve
        let words =
            [Self.quoted("\(binaries)/\(node.command)")] + plan.options(plan.files.map(\.name)).map(Self.quoted)
            + (isEncrypted ? ["--set", "security.keys=%d"] : []) + ["--node", name, "--run-dir", "%S/ead/\(plan.name)"]
        let credential = isEncrypted ? "\nLoadCredential=\(name).key:/etc/ead/keys/\(name).key" : ""
        let lasting = LaunchPlan.lasting.map { "\($0.rawValue)" }.joined(separator: " ")
        return """
            # Made by ead-ctl launch systemd.\(remark)
            [Unit]
            Description=EAD \(node.role.rawValue)\(isTemplate ? " %i" : "") of the run \(plan.name)
            After=network-online.target
            Wants=network-online.target
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            NotifyAccess=main
            WatchdogSec=60
            ExecStart=\(words.joined(separator: " "))
            Restart=on-failure
            RestartSec=2
            # What the next start would end with again: wrong command line, data or configuration, another in its place.
            RestartPreventExitStatus=\(lasting)
            TimeoutStopSec=150
            DynamicUser=yes
            User=ead
            StateDirectory=ead/\(plan.name)
            StateDirectoryMode=0700
            CacheDirectory=ead
            Environment=XDG_CACHE_HOME=%C\(credential)
            LimitNOFILE=65536
            UMask=0077
            NoNewPrivileges=yes
            CapabilityBoundingSet=
            AmbientCapabilities=
            ProtectSystem=strict
            ProtectHome=yes
            ProtectProc=invisible
            ProtectClock=yes
            ProtectHostname=yes
            ProtectKernelLogs=yes
            ProtectKernelModules=yes
            ProtectKernelTunables=yes
            ProtectControlGroups=yes
            PrivateTmp=yes
            PrivateDevices=yes
            PrivateUsers=yes
            RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            RemoveIPC=yes
            KeyringMode=private
            LockPersonality=yes
            MemoryDenyWriteExecute=yes
            SystemCallArchitectures=native
            SystemCallFilter=@system-service
            SystemCallFilter=~@privileged
            SystemCallErrorNumber=EPERM

            [Install]
            WantedBy=multi-user.target

            """
    }

    /// A word of a command line, in which nothing is a specifier or a variable.
    private static func quoted(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%%"
            case "$": result += "$$"
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        let isPlain = !result.isEmpty && !result.contains { " \t'\"\\;#".contains($0) }
        return isPlain ? result : "\"\(result)\""
    }
}
