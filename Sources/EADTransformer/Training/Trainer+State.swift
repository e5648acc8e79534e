package import EADEngine
import EADModels

extension Trainer {
    /// The arrays with one element per parameter.
    package enum State: CaseIterable, Sendable {
        case parameters
        case gradients
        case firstMoments
        case secondMoments
    }

    private func buffer(_ state: State) -> DeviceBuffer {
        switch state {
        case .parameters: self.master
        case .gradients: self.gradient
        case .firstMoments: self.mean
        case .secondMoments: self.square
        }
    }

    /// A copy of one of the arrays.
    package func download(_ state: State) -> [Float] {
        var values = [Float](repeating: 0, count: self.layout.count)
        self.compute.download(self.buffer(state).floats, into: &values)
        return values
    }

    /// One of the arrays as it is saved: downloaded piece by piece, without a copy of it all. Valid until the next update.
    package func source(_ state: State) -> ByteSource {
        let bytes = self.buffer(state).pointer(to: UInt8.self)
        return ByteSource(count: self.layout.count * MemoryLayout<Float>.stride) { offset, piece in
            self.compute.download(bytes + offset, into: piece.bindMemory(to: UInt8.self))
        }
    }
}
