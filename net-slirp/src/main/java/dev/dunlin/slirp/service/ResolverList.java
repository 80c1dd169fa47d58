package dev.dunlin.slirp.service;

import java.util.List;

/**
 * The host's name servers, in the order in which they are to be asked; may differ at every call.
 */
@FunctionalInterface
public interface ResolverList {
  /** Cheap: asked for every query. */
  List<Resolver> current(long now);
}
