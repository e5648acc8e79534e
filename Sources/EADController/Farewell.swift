import EADConfiguration

/// The last part of a controller's life, in which it waits for everybody to leave.
struct Farewell: Hashable, Sendable {
    /// Whoever watches the run should see its end before the controller is gone: so long it stays for that.
    private static let patience = Fixed.lastLook.value
    /// The same when somebody has seen the end already.
    private static let patienceOnceSeen = Fixed.afterLastLook.value

    let since: ContinuousClock.Instant
    /// Whether an operator asked for the end; a run also ends by itself.
    var isAskedFor: Bool
    /// Whether a status was given since the end.
    var isSeen = false

    /// Whether somebody who watches had the time to see the end.
    func wasShown(by now: ContinuousClock.Instant) -> Bool {
        self.since + (self.isSeen ? Self.patienceOnceSeen : Self.patience) <= now
    }
}
