package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.ArrayList;
import java.util.List;

/**
 * What a resolv.conf says (man page resolv.conf(5)): name servers and search domains. Lines that
 * can't be understood are skipped, as the C library does.
 */
public record ResolvConf(List<Resolver> resolvers, List<String> search) {
  /** glibc asks three (MAXNS); more cost nothing here. */
  private static final int MOST_RESOLVERS = 8;

  private static final int MOST_DOMAINS = 32;

  /** What the C library takes when the file names nobody. */
  private static final Resolver FALLBACK = Resolver.of("127.0.0.1");

  public ResolvConf {
    resolvers = List.copyOf(resolvers);
    search = List.copyOf(search);
  }

  /** Never without a resolver: an empty file means 127.0.0.1. */
  public static ResolvConf parse(String text) {
    List<Resolver> resolvers = new ArrayList<>();
    List<String> search = new ArrayList<>();
    for (String line : text.split("\\R", -1)) {
      String[] words = line.strip().split("[ \\t]+", -1);
      switch (words[0]) {
        case "nameserver" -> {
          if (words.length > 1 && resolvers.size() < MOST_RESOLVERS) {
            addResolver(resolvers, words[1]);
          }
        }
        case "search", "domain" -> {
          // The last of these lines counts.
          search.clear();
          for (int i = 1; i < Math.min(words.length, MOST_DOMAINS + 1); i++) {
            search.add(words[i]);
          }
        }
        default -> {}
      }
    }
    return new ResolvConf(resolvers.isEmpty() ? List.of(FALLBACK) : resolvers, search);
  }

  private static void addResolver(List<Resolver> resolvers, String word) {
    int zone = word.indexOf('%');
    String literal = zone < 0 ? word : word.substring(0, zone);
    if (IpAddr.isLiteral(literal)) {
      IpAddr address = IpAddr.parse(literal);
      // 0.0.0.0 means this host to the C library.
      IpAddr asked = address.equals(IpAddr.ANY_V4) ? IpAddr.LOOPBACK_V4 : address;
      resolvers.add(new Resolver(asked, zone < 0 ? "" : word.substring(zone + 1), Resolver.PORT));
    }
  }
}
