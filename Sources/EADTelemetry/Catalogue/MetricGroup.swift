package import EADCore

/// Figures that are measured and shown together: a table of docs/metrics.md.
package enum MetricGroup: String, Hashable, Sendable, CaseIterable {
    case rewards, responses, objective, time
    case demonstrations
    case evaluation
    case event
    case controller, learner, worker, verifier, transport

    /// Where the figures are written down; names are unique within one.
    package enum Scope: Hashable, Sendable, CaseIterable {
        /// The record of a training step.
        case step
        /// The record of an evaluation.
        case evaluation
        /// The record of another event.
        case event
        /// The counters of a process, in its heartbeat and in the status.
        case process
    }

    package var scope: Scope {
        switch self {
        case .rewards, .responses, .objective, .time, .demonstrations: .step
        case .evaluation: .evaluation
        case .event: .event
        case .controller, .learner, .worker, .verifier, .transport: .process
        }
    }

    /// Who measures them, where a figure says nothing else.
    package var producers: [Role] {
        switch self {
        case .rewards, .responses, .objective, .time, .learner: [.learner]
        case .demonstrations: [.control]
        case .evaluation: [.controller, .control]
        case .event, .controller: [.controller]
        case .worker, .verifier: [.worker]
        case .transport: [.controller, .learner, .worker]
        }
    }
}
