package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.VmDescription;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A handler's blob as a section: be32 length, then the bytes. */
final class OpaqueState implements StateEntry {
  private final SaveStateHandler handler;

  OpaqueState(SaveStateHandler handler) {
    this.handler = handler;
  }

  SaveStateHandler handler() {
    return handler;
  }

  @Override
  public String idstr() {
    return handler.idstr();
  }

  @Override
  public int instance() {
    return handler.instance();
  }

  @Override
  public int version() {
    return handler.version();
  }

  @Override
  public int priority() {
    return handler.priority();
  }

  @Override
  public Optional<Content> save() throws StateException {
    Optional<byte[]> state = handler.saveIfAny();
    return state.isPresent() ? Optional.of(content(state.get())) : Optional.empty();
  }

  private Content content(byte[] state) throws StateException {
    if (state.length > MAX_STATE) {
      throw new StateException(state.length + " bytes are too many");
    }
    byte[] bytes =
        ByteBuffer.allocate(Integer.BYTES + state.length).putInt(state.length).put(state).array();
    return new Content(bytes, VmDescription.opaque(idstr(), instance(), bytes.length));
  }

  @Override
  public Staged stage() {
    return new Staged(this, this::read);
  }

  private Runnable read(StreamInput in, int version) throws LoadException {
    int length = in.getInt();
    if (length < 0 || length > MAX_STATE) {
      throw LoadException.invalid(
          "%s: state of %s bytes is more than any device has"
              .formatted(idstr(), Integer.toUnsignedString(length)));
    }
    byte[] state = in.take(length);
    in.check();
    try {
      return handler.load(state, version);
    } catch (StateException e) {
      throw LoadException.invalid(idstr() + ": " + e.getMessage());
    }
  }

  @Override
  public void afterLoad() {
    handler.afterLoad();
  }
}
