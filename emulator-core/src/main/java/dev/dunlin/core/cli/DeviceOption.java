package dev.dunlin.core.cli;

import java.util.Optional;

/**
 * {@code -device driver,prop=value}.
 *
 * @param properties without driver and id
 * @param option the option, for mistakes that only the device's maker can see
 */
public record DeviceOption(
    String driver, Optional<String> id, KeyValueList properties, ParsedOptions.Option option) {

  public static DeviceOption read(ParsedOptions.Option option) throws OptionException {
    return option.read(
        text -> {
          KeyValueList list = KeyValueList.parse(text, "driver");
          Optional<String> id = list.id();
          String driver = list.required("driver");
          return new DeviceOption(driver, id, list.without("driver").without("id"), option);
        });
  }

  /** QEMU's words for a property that the driver doesn't have. */
  public OptionException noProperty(String property) {
    return option.mistake("Property '" + driver + "." + property + "' not found");
  }
}
