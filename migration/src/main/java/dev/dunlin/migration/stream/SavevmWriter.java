package dev.dunlin.migration.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames sections in one dialect. The caller puts each section's content between begin and end. */
public final class SavevmWriter {
  private final StreamOutput out;
  private final StreamDialect dialect;

  public SavevmWriter(StreamOutput out, StreamDialect dialect) {
    this.out = out;
    this.dialect = dialect;
  }

  public StreamOutput out() {
    return out;
  }

  public StreamDialect dialect() {
    return dialect;
  }

  /** Magic, version and, in dialects that have it, the machine's name. */
  public void header(String machineType) throws IOException {
    header(Configuration.of(machineType));
  }

  /** The same for a stream whose configuration section came from elsewhere. */
  public void header(Configuration configuration) throws IOException {
    out.putInt(SectionType.MAGIC);
    out.putInt(SectionType.VERSION);
    if (dialect.configuration()) {
      out.putBytes(configuration.toBytes());
    }
  }

  /** Device sections that came from elsewhere, byte for byte, and the end of the stream. */
  public void finish(DeviceSections devices) throws IOException {
    out.putBuffer(devices.bytes());
    out.putByte(SectionType.EOF);
    if (devices.description().isPresent()) {
      ByteBuffer json = devices.description().get().duplicate();
      out.putByte(SectionType.VM_DESCRIPTION);
      out.putInt(json.remaining());
      out.putBuffer(json);
    }
    out.flush();
  }

  public void beginStart(int section, String idstr, int instance, int version) throws IOException {
    beginNamed(SectionType.START, section, idstr, instance, version);
  }

  public void beginFull(int section, String idstr, int instance, int version) throws IOException {
    beginNamed(SectionType.FULL, section, idstr, instance, version);
  }

  public void beginPart(int section) throws IOException {
    out.putByte(SectionType.PART);
    out.putInt(section);
  }

  public void beginEnd(int section) throws IOException {
    out.putByte(SectionType.END);
    out.putInt(section);
  }

  /** Closes the section that was begun last. */
  public void endSection(int section) throws IOException {
    if (dialect.footers()) {
      out.putByte(SectionType.FOOTER);
      out.putInt(section);
    }
  }

  /** EOF and, in dialects that have it, the description of what came before. */
  public void finish(VmDescription description) throws IOException {
    out.putByte(SectionType.EOF);
    if (dialect.vmDescription()) {
      byte[] json = description.toJson().getBytes(StandardCharsets.UTF_8);
      out.putByte(SectionType.VM_DESCRIPTION);
      out.putInt(json.length);
      out.putBytes(json);
    }
    out.flush();
  }

  private void beginNamed(int type, int section, String idstr, int instance, int version)
      throws IOException {
    out.putByte(type);
    out.putInt(section);
    out.putCounted(idstr);
    out.putInt(instance);
    out.putInt(version);
  }
}
