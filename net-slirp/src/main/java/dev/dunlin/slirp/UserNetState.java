package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.wire.DropReason;

/**
 * What a network does at one moment, as its thread saw it: to be shown on another.
 *
 * @param flows what isn't a forward's listener
 * @param drops by reason, those that aren't zero
 */
record UserNetState(
    ImmutableList<HostForward> forwards,
    ImmutableList<ConnectionInfo> flows,
    ImmutableMap<DropReason, Long> drops) {

  static final UserNetState NONE =
      new UserNetState(ImmutableList.of(), ImmutableList.of(), ImmutableMap.of());

  static UserNetState of(ImmutableList<HostForward> forwards, UserStack stack) {
    ImmutableList.Builder<ConnectionInfo> flows = ImmutableList.builder();
    stack.visit(flows::add);
    return new UserNetState(
        forwards, flows.build(), Maps.immutableEnumMap(stack.drops().nonZero()));
  }
}
