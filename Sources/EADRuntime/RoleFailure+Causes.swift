import EADConfiguration
package import EADCore
package import EADFiles
import EADTransport

extension RoleFailure {
    /// The exit status and sentence for any error that ends a process.
    package init(_ error: any Error) {
        switch error {
        case let failure as RoleFailure: self = failure
        case let error as FileError: self.init(error)
        case let error as ConfigurationError: self.init(.configuration, error.description)
        case let error as TransportError: self.init(.io, error.description)
        case let error as any CustomStringConvertible: self.init(.data, error.description)
        default: self.init(.software, "\(error)")
        }
    }

    /// What a file that cannot be used means for the process.
    package init(_ error: FileError) {
        let code: Code =
            switch error.cause {
            case .system: .io
            case .held: .unavailable
            case .malformed: .data
            }
        self.init(code, error.description)
    }
}
