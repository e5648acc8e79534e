import EADCore
package import EADMessages
import EADTelemetry

/// A run and everybody in it as Prometheus scrapes them from the controller, which hears of all.
package struct StatusMetrics {
    package let text: String

    private typealias Sample = (labels: [(name: String, value: String)], value: Double)

    package init(_ status: StatusReply) {
        var text = PrometheusText()
        Self.writeRun(status, to: &text)
        Self.writeMembers(status.members, to: &text)
        Self.writeCounters(status, to: &text)
        status.steps.last?.metrics.write(.step, to: &text)
        status.evaluations.last?.values.write(.evaluation, to: &text)
        self.text = text.text
    }

    private static func writeRun(_ status: StatusReply, to text: inout PrometheusText) {
        func gauge(_ name: String, _ help: String, _ value: Double) {
            text.add("ead_\(name)", .gauge, help, [(labels: [], value: value)])
        }
        text.add(
            "ead_run_info", .gauge, "the run, by name and id; always 1",
            [(labels: [(name: "run", value: "\(status.run)"), (name: "name", value: status.name)], value: 1)])
        text.add(
            "ead_run_phase", .gauge, "1 for what the run does, 0 for everything else",
            StatusReply.Phase.allCases.map {
                (labels: [(name: "phase", value: "\($0)")], value: $0 == status.phase ? 1 : 0)
            })
        gauge(
            "run_healthy", "whether nobody is missed and nothing is wrong: what ead-ctl status ends with 0 for",
            status.isHealthy ? 1 : 0)
        gauge("run_troubles", "what is wrong with the run, counted", Double(status.troubles.count))
        gauge("run_steps", "steps trained", Double(status.step.rawValue))
        gauge("run_planned_steps", "steps the run is to train", Double(status.totalSteps))
        gauge("run_groups", "groups that are there of what is sampled now", Double(status.groupsAccepted))
        gauge("run_planned_groups", "groups of what is sampled now", Double(status.groupsPerStep))
        gauge(
            "run_wait_seconds", "how long the run has waited for the same thing, 0 when it does not",
            Double(status.waitingMilliseconds) / 1000)
        gauge("controller_uptime_seconds", "since the controller started", Double(status.elapsedMilliseconds) / 1000)
    }

    /// A node that is not there has no figures but that it is not.
    private static func writeMembers(_ members: [MemberStatus], to text: inout PrometheusText) {
        func add(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, among chosen: [MemberStatus],
            _ value: (MemberStatus) -> Double
        ) {
            text.add("ead_\(name)", kind, help, chosen.map { (labels: Self.labels($0), value: value($0)) })
        }
        let present = members.filter(\.health.isPresent)
        add("node_up", .gauge, "whether the node is heard of and gets on", among: members) {
            $0.health == .alive ? 1 : 0
        }
        add("node_silence_seconds", .gauge, "since its last heartbeat", among: present) {
            Double($0.silentMilliseconds) / 1000
        }
        add(
            "node_wait_seconds", .gauge, "how long it has waited for the same thing, 0 when it does not", among: present
        ) {
            Double($0.heartbeat.waitingMilliseconds) / 1000
        }
        add("node_waiting", .gauge, "whether it waits", among: present) { $0.heartbeat.isWaiting ? 1 : 0 }
        add("node_draining", .gauge, "whether it finishes what it holds and leaves", among: present) {
            $0.heartbeat.draining ? 1 : 0
        }
        add("node_policy_version", .gauge, "the policy it has", among: present) {
            Double($0.heartbeat.policyVersion.rawValue)
        }
        add("node_leases", .gauge, "leases it holds", among: present) { Double($0.heartbeat.leases.count) }
        add("node_tokens_total", .counter, "tokens sampled or trained since it started", among: present) {
            Double($0.heartbeat.tokens)
        }
        add("node_resident_memory_bytes", .gauge, "its memory", among: present) { Double($0.heartbeat.residentBytes) }
    }

    private static func writeCounters(_ status: StatusReply, to text: inout PrometheusText) {
        let present = status.members.filter(\.health.isPresent)
        let controller = [(name: "role", value: "controller"), (name: "node", value: "controller")]
        for metric in MetricCatalogue.all where metric.group.scope == .process {
            // What has not happened is 0, so that a rate can be told from the first time on.
            var samples: [Sample] = present.filter { metric.producers.contains($0.role) }.map { member in
                (labels: Self.labels(member), value: Double(member.heartbeat.counters[metric.key]))
            }
            if metric.producers.contains(.controller) {
                samples.insert((labels: controller, value: Double(status.counters[metric.key])), at: 0)
            }
            text.add(metric.prometheusName, metric.prometheusKind, metric.meaning, samples)
        }
    }

    private static func labels(_ member: MemberStatus) -> [(name: String, value: String)] {
        [(name: "role", value: member.role.rawValue), (name: "node", value: member.node.rawValue)]
    }
}
