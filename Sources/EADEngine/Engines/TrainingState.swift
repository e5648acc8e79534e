/// Weights and moments in the order of `ParameterLayout`, borrowed from whoever owns the memory.
package struct TrainingState {
    package let parameters: UnsafeBufferPointer<Float>
    package let firstMoments: UnsafeBufferPointer<Float>
    package let secondMoments: UnsafeBufferPointer<Float>
    /// Updates done since the moments were zero.
    package let updates: Int

    package init(
        parameters: UnsafeBufferPointer<Float>, firstMoments: UnsafeBufferPointer<Float>,
        secondMoments: UnsafeBufferPointer<Float>, updates: Int
    ) {
        precondition(updates >= 0, "updates are counted from 0")
        self.parameters = parameters
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
        self.updates = updates
    }
}

/// Weights and moments as they are saved, read piece by piece from wherever the engine keeps them.
package struct SavedTraining {
    package let parameters: ByteSource
    package let firstMoments: ByteSource
    package let secondMoments: ByteSource

    package init(parameters: ByteSource, firstMoments: ByteSource, secondMoments: ByteSource) {
        self.parameters = parameters
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
    }
}
