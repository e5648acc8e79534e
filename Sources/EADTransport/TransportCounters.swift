package import EADCore
import EADTelemetry

/// What a transport has done and refused since it started.
package struct TransportCounters: Hashable, Sendable {
    package var messagesReceived: UInt64 = 0
    package var bytesReceived: UInt64 = 0
    package var messagesSent: UInt64 = 0
    package var bytesSent: UInt64 = 0
    package var connectionsAccepted: UInt64 = 0
    /// Established connections that ended, for whatever reason (a frame over the limit is one).
    package var disconnections: UInt64 = 0
    /// What was refused, cut or lost.
    package var refusals = MetricCounters()

    package init() {}

    /// As figures of the catalogue.
    package var metrics: MetricCounters {
        var all = self.refusals
        all[\.bytesReceived] += self.bytesReceived
        all[\.bytesSent] += self.bytesSent
        return all
    }
}
