import EADCore
import EADEngine

extension ForwardPass {
    /// Where NaN or infinity first comes up in a sequence whose logits are not finite: the part of the model whose output
    /// holds it.
    ///
    /// Computes the sequence again with every layer's state kept, which gives the same bits.
    func firstFault(in tokens: [TokenID], weights: WeightPanels) throws(EngineError) -> ModelPart {
        let pages = KeyValuePages(shape: self.shape, precision: self.precision, compute: self.compute)
        let table = PageTable(pages)
        try table.extend(to: tokens.count)
        let store = try ActivationStore(
            shape: self.shape, precision: self.precision, rows: tokens.count, self.compute.device)
        defer { withExtendedLifetime((store, table)) {} }
        let segment = Segment(row: 0, rows: tokens.count, position: 0, pages: table)
        let states = store.states()
        _ = try self.run(
            tokens: tokens, segments: [segment], positions: tokens.count, weights: weights, pages: pages,
            states: states)
        func isFinite(_ stream: DevicePointer<Float>) -> Bool {
            self.compute.isFinite(stream, count: tokens.count * self.shape.hidden)
        }
        for (layer, state) in states.enumerated() {
            if layer == 0, !isFinite(state.input) { return .embedding }
            if !isFinite(state.middle) { return .attention(layer: layer) }
            if !isFinite(state.output) { return .feedForward(layer: layer) }
        }
        let normed = try DeviceBuffer(self.compute.device, UInt32.self, count: tokens.count * self.hiddenUnits)
        self.normalise(store.final, weights.finalNorm.values, into: normed.units, rows: tokens.count)
        defer { withExtendedLifetime(normed) {} }
        let elements = tokens.count * self.hiddenUnits * (self.precision == .bf16 ? 2 : 1)
        if !self.compute.isFinite(normed.units.address, count: elements, self.precision) { return .finalNorm }
        return .head
    }
}
