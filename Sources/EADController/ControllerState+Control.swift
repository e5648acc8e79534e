import EADCore
import EADMessages
import EADProtocol

/// What an operator asks for.
extension ControllerState {
    mutating func control(
        _ request: ControlRequest, _ envelope: Envelope, _ peer: Peer, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        var effects: [Effect] = []
        let answer: Message
        switch request.verb {
        case .status:
            answer = .statusReply(self.status(since: request.sinceStep, now: now))
            self.course.markSeen()
        case .pause, .resume:
            let (reply, wanted) = self.setPaused(request.verb == .pause)
            answer = .controlReply(reply)
            effects = wanted
        case .evaluate:
            let (reply, wanted) = self.requestEvaluation(request)
            answer = .controlReply(reply)
            effects = wanted
        case .stop:
            self.course.stop(now: now)
            answer = .controlReply(
                ControlReply(
                    accepted: true,
                    message:
                        "run “\(self.settings.runName)”: every role finishes what it does and exits; start them again "
                        + "to resume"))
        }
        effects.append(.send(answer, to: peer, inReplyTo: envelope.number))
        return effects + self.advance(now)
    }

    private mutating func setPaused(_ isPaused: Bool) -> (reply: ControlReply, effects: [Effect]) {
        if self.course.isFinished { return (ControlReply(accepted: false, message: "the run is finished"), []) }
        let message = isPaused ? "no new leases; work under way finishes" : "leases are offered again"
        let reply = ControlReply(accepted: true, message: "run “\(self.settings.runName)”: \(message)")
        guard self.isPaused != isPaused else { return (reply, []) }
        self.isPaused = isPaused
        return (reply, [.persist(self.snapshot), .record(.paused(isPaused))])
    }
}
