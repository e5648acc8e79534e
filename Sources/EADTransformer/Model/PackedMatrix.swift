import CEADKernels
import EADCore

/// A weight matrix `[outputs, inputs]` in panels, ready to be the right side of x w^T (or of dy w, when transposed).
struct PackedMatrix {
    let panels: DevicePointer<UInt32>
    /// Columns of the product, and length of the sums.
    let columns: Int
    let depth: Int
    let units: Int
    let precision: Precision

    init(panels: DevicePointer<UInt32>, columns: Int, depth: Int, precision: Precision) {
        self.panels = panels
        self.columns = columns
        self.depth = depth
        self.units = precision.units(depth)
        self.precision = precision
    }

    /// 32-bit words that the panels of such a matrix take.
    static func words(columns: Int, depth: Int, precision: Precision) -> Int {
        (columns + 15) / 16 * 16 * precision.units(depth)
    }

    /// output = (or, by mode, += ) a times this matrix. `a`: unit rows `[rows][units]`; `output`: f32 rows `[rows][stride]`.
    func multiply(
        _ compute: Compute, _ a: DevicePointer<UInt32>, rows: Int, into output: DevicePointer<Float>,
        stride: Int? = nil, mode: ead_output_mode = EAD_SET
    ) {
        ead_gemm(
            compute.pointer,
            ead_gemm_args(
                a: a.address, a_stride: self.units, a_panels: 0, panels: self.panels.address, c: output.address,
                c_stride: stride ?? self.columns, rows: rows, columns: self.columns, units: self.units,
                mode: mode, bf16: self.precision.isBF16))
    }
}
