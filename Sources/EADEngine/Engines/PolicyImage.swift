package import EADCore

/// The published bytes of one policy version, in the order of `ParameterLayout`: what a role knows of a policy.
///
/// The bytes are borrowed for the call that takes the image; an engine copies what it keeps.
package struct PolicyImage {
    package let version: PolicyVersion
    /// bf16 or f32 elements.
    package let precision: Precision
    package let bytes: UnsafeRawBufferPointer

    package init(version: PolicyVersion, precision: Precision, bytes: UnsafeRawBufferPointer) {
        self.version = version
        self.precision = precision
        self.bytes = bytes
    }
}
