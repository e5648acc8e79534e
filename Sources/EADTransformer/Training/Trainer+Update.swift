import CEADKernels
import EADCore
package import EADEngine
import EADModels

extension Trainer {
    /// One AdamW step with the accumulated gradients, which stay as they are.
    ///
    /// With t updates done, this one included, and g the gradient, scaled by min(1, clip / (norm + 1e-6)):
    /// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
    /// w = (1 - lr decay) w - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
    ///
    /// - Throws: `EngineError.nonFinite` naming the tensor when a gradient is NaN, infinite or beyond 1e18 in norm;
    ///   nothing is changed then. The same when a weight becomes NaN or infinite; the trainer has to be restored then.
    package func update(_ optimizer: OptimizerConfiguration) throws(EngineError) -> UpdateSummary {
        let norm = try self.gradientNorm()
        let step = Double(self.updates + 1)
        var scale = 1.0
        if optimizer.gradientClip > 0 { scale = min(1, Double(optimizer.gradientClip) / (norm + 1e-6)) }
        let rate = Double(optimizer.learningRate)
        let isFinite = self.compute.findsNoFault { fault in
            ead_adamw(
                self.compute.pointer,
                ead_adamw_args(
                    w: self.master.floats.address, m: self.mean.floats.address, v: self.square.floats.address,
                    gradient: self.gradient.floats.address, count: self.layout.count, beta1: optimizer.beta1,
                    beta2: optimizer.beta2,
                    epsilon: optimizer.epsilon, decay: Float(rate * Double(optimizer.weightDecay)),
                    step_size: Float(rate / (1 - Self.power(Double(optimizer.beta1), step))),
                    root: Float((1 - Self.power(Double(optimizer.beta2), step)).squareRoot()), scale: Float(scale),
                    fault: fault.address))
        }
        self.updates += 1
        if !isFinite {
            let place = "weights after update \(self.updates)"
            try self.layout.checkFinite(
                self.compute, self.master.pointer(to: UInt8.self), precision: .f32, place: place)
        }
        self.pack()
        self.progress.advance()
        return UpdateSummary(gradientNorm: norm, clipped: scale < 1, updates: self.updates)
    }

    /// The global norm of the gradients: block sums in double, added in order.
    private func gradientNorm() throws(EngineError) -> Double {
        let count = self.layout.count
        var sums = [Double](repeating: 0, count: (count + EAD_SQUARES_BLOCK - 1) / EAD_SQUARES_BLOCK)
        let blocks = self.squareSums.pointer(to: Double.self)
        ead_squares(
            self.compute.pointer,
            ead_squares_args(x: self.gradient.floats.address, count: count, sums: blocks.address))
        self.compute.download(blocks, into: &sums)
        let norm = sums.reduce(0, +).squareRoot()
        // Beyond this a square leaves the range of 32-bit moments.
        if norm < 1e18 { return norm }
        let place = "gradients of update \(self.updates + 1)"
        try self.layout.checkFinite(
            self.compute, self.gradient.pointer(to: UInt8.self), precision: .f32, place: place)
        throw .nonFinite(what: "the sum of squares", place: place)
    }

    /// base^exponent for a whole exponent, by multiplication only: the same on every machine.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var result = 1.0
        var square = base
        var left = Int(exponent)
        while left > 0 {
            if left & 1 == 1 { result *= square }
            square *= square
            left >>= 1
        }
        return result
    }
}
