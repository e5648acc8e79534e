/// The room where a run keeps its files.
package struct DiskFacts: Hashable, Sendable {
    package var path: String
    /// Bytes that this user can still write.
    package var free: Int
    /// Bytes of one checkpoint.
    package var checkpoint: Int
    /// Checkpoints kept; one more exists while it is written.
    package var kept: Int

    package init(path: String, free: Int, checkpoint: Int, kept: Int) {
        self.path = path
        self.free = free
        self.checkpoint = checkpoint
        self.kept = kept
    }

    package var check: Check {
        let needed = (self.kept + 1) * self.checkpoint
        let found =
            "\(Quantity.bytes(self.free)) free in \(self.path); \(self.kept) + 1 checkpoints take "
            + "\(Quantity.bytes(needed))"
        let values = ["free_bytes": Double(self.free), "needed_bytes": Double(needed)]
        if self.free >= needed { return Check("disk", .ok, found, values: values) }
        return Check(
            "disk", self.free < self.checkpoint ? .fail : .warn, found,
            advice: "free space there, or set run.directory to another disk"
                + (self.kept > 1 ? ", or lower checkpoint.keep" : ""), values: values)
    }
}
