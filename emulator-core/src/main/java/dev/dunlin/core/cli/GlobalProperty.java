package dev.dunlin.core.cli;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code -global driver.property=value}, a default for every object of that driver. */
public record GlobalProperty(String driver, String property, String value) {
  /** The short form isn't a list: a comma in the value is a comma. */
  private static final Pattern SHORT =
      Pattern.compile("([^.=]{1,63})\\.([^=]{1,63})=(.*)", Pattern.DOTALL);

  public static GlobalProperty read(String text) throws OptionException {
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      return new GlobalProperty(matcher.group(1), matcher.group(2), matcher.group(3));
    }
    KeyValueList list = KeyValueList.parse(text);
    list.refuseUnknown(Set.of("driver", "property", "value"));
    if (!list.has("driver") || !list.has("property") || !list.has("value")) {
      throw new OptionException("options 'driver', 'property', and 'value' are required");
    }
    return new GlobalProperty(
        list.required("driver"), list.required("property"), list.required("value"));
  }
}
