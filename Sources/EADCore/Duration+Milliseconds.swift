extension Duration {
    /// Whole milliseconds; 0 for negative durations.
    package var milliseconds: UInt64 {
        let parts = self.components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        return UInt64(parts.seconds) * 1000 + UInt64(parts.attoseconds / 1_000_000_000_000_000)
    }
}
