import ArgumentParser
package import EADCore

extension CalendarDate: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
