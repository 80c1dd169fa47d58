package dev.dunlin.core.machine;

import dev.dunlin.core.cli.Booleans;
import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.KeyValueList.Entry;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions.Reader;
import dev.dunlin.core.cli.Sizes;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** One {@code -device}'s properties, read and refused in the words of QEMU's visitors. */
final class DeviceProperties {
  private static final long UINT8_MAX = 0xff;
  private static final long UINT32_MAX = 0xffffffffL;

  private final DeviceOption device;

  /** Refuses the first property that isn't among {@code known}. */
  DeviceProperties(DeviceOption device, Set<String> known) throws OptionException {
    this.device = device;
    for (Entry entry : device.properties().entries()) {
      if (!known.contains(entry.key())) {
        throw device.noProperty(entry.key());
      }
    }
  }

  Optional<String> text(String name) {
    return device.properties().last(name);
  }

  boolean bool(String name) throws OptionException {
    return read(name, text -> Booleans.parameter(name, text)).orElse(false);
  }

  Optional<Boolean> optionalBool(String name) throws OptionException {
    return read(name, text -> Booleans.parameter(name, text));
  }

  /** Any 64 bits. */
  OptionalLong uint64(String name) throws OptionException {
    Optional<Long> value = read(name, text -> integer(name, text));
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
  }

  OptionalLong uint32(String name) throws OptionException {
    return bounded(name, UINT32_MAX, "uint32_t");
  }

  OptionalLong uint8(String name) throws OptionException {
    return bounded(name, UINT8_MAX, "uint8_t");
  }

  /** Bytes, with a suffix where wanted. */
  OptionalLong size(String name) throws OptionException {
    Optional<Long> value = read(name, text -> Sizes.parameter(name, text, 'B'));
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
  }

  OptionException mistake(String sentence) {
    return device.option().mistake(sentence);
  }

  private OptionalLong bounded(String name, long max, String typeName) throws OptionException {
    OptionalLong value = uint64(name);
    if (value.isPresent() && (value.getAsLong() < 0 || value.getAsLong() > max)) {
      throw mistake("Parameter '" + name + "' expects " + typeName);
    }
    return value;
  }

  private static long integer(String name, String text) throws OptionException {
    if (Numbers.parse(text) instanceof NumberText.Value value) {
      return value.bits();
    }
    throw new OptionException("Parameter '" + name + "' expects integer");
  }

  private <T> Optional<T> read(String name, Reader<T> reader) throws OptionException {
    Optional<String> text = device.properties().last(name);
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(device.option().read(whole -> reader.read(text.get())));
  }
}
