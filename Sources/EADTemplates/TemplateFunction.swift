/// The functions that a template can call by name.
package enum TemplateFunction: String, Sendable, CaseIterable {
    case namespace, range, dict, raise_exception, strftime_now
}
