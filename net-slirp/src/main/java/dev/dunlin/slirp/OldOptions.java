package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.slirp.forward.HostForwardRule;
import java.util.Optional;

/**
 * {@code -tftp}, {@code -bootp}, {@code -smb} and {@code -redir}, as QEMU 0.12 had them: defaults
 * for every user network that says nothing itself; the redirections are the first one's.
 */
record OldOptions(
    Optional<String> tftp,
    Optional<String> bootFile,
    Optional<String> smb,
    ImmutableList<HostForwardRule> redirections,
    Optional<Option> first) {

  static final OldOptions NONE =
      new OldOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          ImmutableList.of(),
          Optional.empty());

  static OldOptions read(ParsedOptions options) throws OptionException {
    ImmutableList.Builder<HostForwardRule> redirections = ImmutableList.builder();
    for (Option option : options.occurrences("redir")) {
      redirections.add(option.read(HostForwardRule::parseRedirection));
    }
    Optional<Option> first =
        options.options().stream()
            .filter(o -> ImmutableList.of("tftp", "bootp", "smb", "redir").contains(o.name()))
            .findFirst();
    return new OldOptions(
        options.last("tftp"),
        options.last("bootp"),
        options.last("smb"),
        redirections.build(),
        first);
  }

  /** The options of a network, with these where it has none of its own. */
  KeyValueList under(KeyValueList own) {
    KeyValueList list = own;
    list = withDefault(list, "tftp", tftp);
    list = withDefault(list, "bootfile", bootFile);
    return withDefault(list, "smb", smb);
  }

  private static KeyValueList withDefault(KeyValueList list, String key, Optional<String> value) {
    return value.isEmpty() || list.has(key) ? list : list.with(key, value.get());
  }

  /** Refuses them when there is no network for them. */
  void refuseUnused() throws OptionException {
    if (first.isPresent()) {
      throw first.get().mistake("there is no user network for it: add -net user");
    }
  }
}
