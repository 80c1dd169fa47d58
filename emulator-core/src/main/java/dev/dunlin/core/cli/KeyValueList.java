package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code key=value,key=value}: the grammar of QEMU's option arguments (QemuOpts in
 * util/qemu-option.c). {@code ,,} in a value is one comma; a first item without {@code =} is the
 * value of the implied key; any other item without one is a flag: {@code wait} is {@code wait=on}
 * and {@code nowait} is {@code wait=off}. Order and repetition are kept; where one value is wanted
 * the last one counts. Immutable.
 */
public final class KeyValueList {

  /** One pair; {@code flag} when it was written without a value. */
  public record Entry(String key, String value, boolean flag) {}

  private final ImmutableList<Entry> entries;

  private KeyValueList(ImmutableList<Entry> entries) {
    this.entries = entries;
  }

  /** A text without an implied first key. */
  public static KeyValueList parse(String text) {
    return parse(text, Optional.empty());
  }

  /** A text whose first item may be the bare value of {@code impliedKey}. */
  public static KeyValueList parse(String text, String impliedKey) {
    return parse(text, Optional.of(impliedKey));
  }

  private static KeyValueList parse(String text, Optional<String> impliedKey) {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    KeyValueReader reader = new KeyValueReader(text);
    Optional<String> implied = impliedKey;
    while (reader.hasMore()) {
      entries.add(reader.next(implied));
      implied = Optional.empty();
    }
    return new KeyValueList(entries.build());
  }

  /**
   * The stricter grammar that {@code -machine} and {@code -object} have (util/keyval.c): no flags,
   * and keys are names.
   */
  public static KeyValueList parseStrict(String text, String impliedKey) throws OptionException {
    KeyValueList list = parse(text, impliedKey);
    for (Entry entry : list.entries) {
      if (entry.flag()) {
        String written = (entry.value().equals("off") ? "no" : "") + entry.key();
        throw new OptionException(
            written.isEmpty()
                ? "Invalid parameter ''"
                : "Expected '=' after parameter '" + written + "'");
      }
      if (!Identifiers.isKey(entry.key())) {
        throw new OptionException("Invalid parameter '" + entry.key() + "'");
      }
    }
    return list;
  }

  public static KeyValueList of(Collection<Entry> entries) {
    return new KeyValueList(ImmutableList.copyOf(entries));
  }

  /** A list made of parsed JSON, as QMP's {@code netdev_add} hands it over. */
  public static KeyValueList of(Map<String, String> values) {
    return of(
        values.entrySet().stream().map(e -> new Entry(e.getKey(), e.getValue(), false)).toList());
  }

  public ImmutableList<Entry> entries() {
    return entries;
  }

  /** The value that counts: the last. */
  public Optional<String> last(String key) {
    ImmutableList<String> all = all(key);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** Every value of one key, in order. */
  public ImmutableList<String> all(String key) {
    return entries.stream()
        .filter(entry -> entry.key().equals(key))
        .map(Entry::value)
        .collect(ImmutableList.toImmutableList());
  }

  public boolean has(String key) {
    return entries.stream().anyMatch(entry -> entry.key().equals(key));
  }

  /** This list without one key. */
  public KeyValueList without(String key) {
    return of(entries.stream().filter(entry -> !entry.key().equals(key)).toList());
  }

  /** This list with one pair added at its end. */
  public KeyValueList with(String key, String value) {
    return new KeyValueList(
        ImmutableList.<Entry>builder().addAll(entries).add(new Entry(key, value, false)).build());
  }

  /** The value of a key that must be there. */
  public String required(String key) throws OptionException {
    return last(key).orElseThrow(() -> new OptionException("Parameter '" + key + "' is missing"));
  }

  /** A boolean, in any of the spellings of qapi_bool_parse, or the default. */
  public boolean bool(String key, boolean otherwise) throws OptionException {
    Optional<String> value = last(key);
    return value.isEmpty() ? otherwise : Booleans.parameter(key, value.get());
  }

  /** A number in any base. */
  public OptionalLong number(String key) throws OptionException {
    Optional<String> value = last(key);
    return value.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Numbers.parameter(key, value.get()));
  }

  /** A size in bytes; without a suffix it means bytes. */
  public OptionalLong size(String key) throws OptionException {
    Optional<String> value = last(key);
    return value.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Sizes.parameter(key, value.get(), 'B'));
  }

  /** The {@code id}, which QEMU takes from its first occurrence. */
  public Optional<String> id() throws OptionException {
    ImmutableList<String> ids = all("id");
    if (ids.isEmpty()) {
      return Optional.empty();
    }
    Identifiers.check("id", ids.get(0));
    return Optional.of(ids.get(0));
  }

  /** Refuses the first key that isn't among {@code known}. */
  public void refuseUnknown(Set<String> known) throws OptionException {
    for (Entry entry : entries) {
      if (!known.contains(entry.key())) {
        throw new OptionException("Invalid parameter '" + entry.key() + "'");
      }
    }
  }

  /** Key to value, the last of each, in the order in which the keys first came. */
  public Map<String, String> toMap() {
    Map<String, String> map = new LinkedHashMap<>();
    entries.forEach(entry -> map.put(entry.key(), entry.value()));
    return map;
  }

  /** The list in its own grammar again. */
  @Override
  public String toString() {
    return entries.stream()
        .map(entry -> entry.key() + "=" + entry.value().replace(",", ",,"))
        .collect(Collectors.joining(","));
  }
}
