package import EADMessages
package import EADProtocol

/// What a worker does, and whom it waits for: of all it holds, what is furthest from being waited for.
extension WorkerState {
    /// It waits for somebody only when neither its engine nor its environment has anything to do.
    package var doing: (activity: Heartbeat.Activity, wait: Wait?) {
        let stages = self.held.values.map(\.stage)
        if !self.used.isEmpty { return (.generating, nil) }
        if stages.contains(where: \.isProducing) { return (.verifying, nil) }
        if stages.contains(.waitingForPolicy) { return (.fetching, self.transferWait) }
        if !stages.isEmpty { return (.delivering, .acknowledgements(stages.count)) }
        return (.idle, .lease)
    }

    /// Whom or what it waits for; nil while it has something to do.
    package var wait: Wait? { self.doing.wait }
}
