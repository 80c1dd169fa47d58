package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.ParsedOptions.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * {@code -object secret,id=ID,file=PATH|data=TEXT[,format=raw|base64]}: something that other
 * options name by its id, so that it needn't stand where everybody can read it (crypto/secret.c).
 */
public record Secret(String id, String text) {
  /** What {@code qom-type} says. */
  public static final String TYPE = "secret";

  private static final Set<String> KEYS = Set.of("qom-type", "id", "file", "data", "format");

  /** QEMU takes no more than this of a file for one. */
  private static final int MOST_BYTES = 1 << 20;

  /** Every secret of a command line, by id. Reads their files. */
  public static ImmutableMap<String, Secret> read(ParsedOptions options) throws OptionException {
    ImmutableMap.Builder<String, Secret> secrets = ImmutableMap.builder();
    for (Option option : options.occurrences("object")) {
      KeyValueList list = KeyValueList.parse(option.argument(), "qom-type");
      if (list.last("qom-type").filter(TYPE::equals).isPresent()) {
        option.read(text -> check(list));
        // What QEMU finds when it makes the object has no option before it.
        String id = list.required("id");
        secrets.put(id, new Secret(id, contents(list)));
      }
    }
    return secrets.buildKeepingLast();
  }

  private static KeyValueList check(KeyValueList list) throws OptionException {
    Identifiers.check("id", list.required("id"));
    String format = list.last("format").orElse("raw");
    if (!format.equals("raw") && !format.equals("base64")) {
      throw new OptionException("Parameter 'format' does not accept value '" + format + "'");
    }
    if (list.has("keyid") || list.has("iv")) {
      throw new OptionException("encrypted secrets are not supported: use 'file' without 'keyid'");
    }
    list.refuseUnknown(KEYS);
    return list;
  }

  private static String contents(KeyValueList list) throws OptionException {
    Optional<String> file = list.last("file");
    Optional<String> data = list.last("data");
    if (file.isPresent() && data.isPresent()) {
      throw new OptionException("'file' and 'data' are mutually exclusive");
    }
    if (file.isEmpty() && data.isEmpty()) {
      throw new OptionException("Either 'file' or 'data' must be provided");
    }
    String raw = file.isPresent() ? contentsOf(file.get()) : data.orElseThrow();
    return list.last("format").orElse("raw").equals("raw") ? raw : decode(raw);
  }

  private static String contentsOf(String name) throws OptionException {
    try {
      Path path = Path.of(name);
      if (Files.size(path) > MOST_BYTES) {
        throw new OptionException("Unable to read " + name + ": it is too large for a secret");
      }
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw unreadable(name, "No such file or directory");
    } catch (IOException | InvalidPathException e) {
      throw unreadable(name, String.valueOf(e.getMessage()));
    }
  }

  private static OptionException unreadable(String name, String why) {
    return new OptionException(
        "Unable to read " + name + ": Failed to open file \u201c" + name + "\u201d: " + why);
  }

  private static String decode(String text) throws OptionException {
    try {
      return new String(Base64.getMimeDecoder().decode(strict(text)), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new OptionException("Base64 data contains invalid characters");
    }
  }

  /** Line ends may stand between, nothing else may. */
  private static String strict(String text) throws OptionException {
    String bare = text.replaceAll("[\\r\\n]", "");
    if (!bare.matches("[A-Za-z0-9+/]*={0,2}")) {
      throw new OptionException("Base64 data contains invalid characters");
    }
    return bare;
  }

  @Override
  public String toString() {
    return "Secret[" + id + "]";
  }
}
