import EADCore
import EADProtocol

extension WorkSource {
    /// The leases of each worker that has any, offers included, in order of step and slot.
    var holders: [NodeID: [LeaseID]] {
        self.tables.reduce(into: [:]) { $0.merge($1.leases.holders, uniquingKeysWith: +) }
    }
}
