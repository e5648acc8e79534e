import EADConfiguration
package import EADCore

/// A script that starts every node on its host over ssh.
///
/// It copies the cluster files, and leaves a loop on each host that starts its node again when that fails.
package struct SSHScript {
    package let text: String

    /// - Parameters:
    ///   - directory: On every host; relative to home; nil for `ead/NAME` there.
    ///   - binaries: The directory of the commands on every host; nil where they are on its PATH.
    /// - Throws: `RoleFailure` naming the nodes without a host.
    package init(_ plan: LaunchPlan, directory: String?, binaries: String?) throws(RoleFailure) {
        let directory = directory ?? "ead/\(plan.name)"
        let homeless = plan.nodes.filter { $0.host == nil }.map(\.name.rawValue)
        guard homeless.isEmpty else {
            throw RoleFailure(
                .configuration,
                "where do \(homeless.joined(separator: ", ")) run? nodes.workers[].host in the cluster file says so, or "
                    + "--set nodes.workers[0].host=NAME")
        }
        let hosts = plan.nodes.compactMap(\.host).reduce(into: [String]()) { list, host in
            if !list.contains(host) { list.append(host) }
        }
        let parts = hosts.map { host in
            let nodes = plan.nodes.filter { $0.host == host }
            return ShellText.hereDocument(
                "on \(ShellText.word(host))", Self.remote(plan, nodes, directory: directory, binaries: binaries),
                end: "EAD_HOST")
        }
        self.text = """
            #!/bin/sh
            # Starts every node of the run \(plan.name) on its host, over ssh. Made by ead-ctl launch ssh.
            #
            # Each host has the secret keys of its own nodes in \(directory)/keys. A node that fails is started again, but not one
            # that is refused. To end the run: ead-ctl stop.
            set -eu
            failed=0
            on() {
                ssh -o BatchMode=yes -- "$1" sh -s || {
                    echo "launch: $1 failed" >&2
                    failed=1
                }
            }

            \(parts.joined(separator: "\n"))
            exit $failed

            """
    }

    private static func remote(
        _ plan: LaunchPlan, _ nodes: [LaunchPlan.Node], directory: String, binaries: String?
    ) -> String {
        let names = plan.files.indices.map { "cluster-\($0 + 1).yaml" }
        let files = zip(names, plan.files).map { name, file in
            ShellText.hereDocument("cat >\(name)", file.text, end: "EAD_FILE")
        }
        let starts = nodes.map { node -> String in
            let command = binaries.map { "\($0)/\(node.command)" } ?? node.command
            let line = ShellText.words([command] + plan.options(names) + ["--node", node.name.rawValue])
            return ShellText.hereDocument("cat >\(node.name).sh", ShellText.keepRunning(line), end: "EAD_NODE") + """
                if flock -n .\(node.name).launch true; then
                    setsid flock -n .\(node.name).launch sh \(node.name).sh </dev/null >>\(node.name).log 2>&1 &
                    echo "\(node.name): started on $(hostname)"
                else
                    echo "\(node.name): runs already on $(hostname)"
                fi

                """
        }
        return """
            set -eu
            umask 077
            mkdir -p -- \(ShellText.word(directory))
            cd -- \(ShellText.word(directory))
            \((files + starts).joined())
            """
    }
}
