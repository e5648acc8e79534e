package import EADMessages

extension Heartbeat.Activity {
    /// What a node does, as a status shows it.
    package var text: String {
        switch self {
        case .joining: "joining"
        case .idle: "idle"
        case .fetching: "fetching policy"
        case .generating: "generating"
        case .collecting: "collecting"
        case .training: "training"
        case .checkpointing: "checkpointing"
        case .gone: ""
        case .verifying: "verifying"
        case .delivering: "delivering groups"
        case .recovering: "recovering"
        }
    }
}
