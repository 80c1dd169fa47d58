package dev.dunlin.migration.vmstate;

/**
 * Devices of QEMU 7.2's pc as its source describes them (hw/timer/i8254_common.c, hw/timer/hpet.c,
 * hw/block/fdc.c, hw/nvram/fw_cfg.c, hw/pci/pci.c, hw/rtc/mc146818rtc.c): between them they have
 * every shape that a description takes.
 */
public final class QemuDevices {
  private QemuDevices() {}

  /** The interval timer: an array of structs between two fields. */
  public static final class Pit {
    public long irqDisabled;
    public final Channel[] channels = {new Channel(), new Channel(), new Channel()};
    public long nextTransition;
  }

  /** One of its counters. */
  public static final class Channel {
    public int count;
    public int latchedCount;
    public final byte[] flags = new byte[10];
    public long loadTime;
    public long nextTransition;
  }

  private static final String[] CHANNEL_FLAGS = {
    "count_latched",
    "status_latched",
    "status",
    "read_state",
    "write_state",
    "write_latch",
    "rw_mode",
    "mode",
    "bcd",
    "gate"
  };

  public static final VmState<Channel> CHANNEL = channel();

  public static final VmState<Pit> PIT =
      VmState.<Pit>named("i8254", 3)
          .minimumVersion(2)
          .since(
              3,
              fields ->
                  fields.uint32(
                      "channels[0].irq_disabled", p -> p.irqDisabled, (p, v) -> p.irqDisabled = v))
          .structs("channels", 3, CHANNEL, (p, i) -> p.channels[i])
          .int64(
              "channels[0].next_transition_time",
              p -> p.nextTransition,
              (p, v) -> p.nextTransition = v)
          .build();

  private static VmState<Channel> channel() {
    VmStateBuilder<Channel> state =
        VmState.<Channel>named("pit channel", 2)
            .int32("count", c -> c.count, (c, v) -> c.count = v)
            .uint16("latched_count", c -> c.latchedCount, (c, v) -> c.latchedCount = v);
    for (int i = 0; i < CHANNEL_FLAGS.length; i++) {
      int flag = i;
      state.uint8(CHANNEL_FLAGS[i], c -> c.flags[flag], (c, v) -> c.flags[flag] = (byte) v);
    }
    return state
        .int64("count_load_time", c -> c.loadTime, (c, v) -> c.loadTime = v)
        .int64("next_transition_time", c -> c.nextTransition, (c, v) -> c.nextTransition = v)
        .build();
  }

  /** The bus: a number that must be equal, and an array. */
  public static final class PciBus {
    final int[] irqCount = new int[4];
  }

  public static final VmState<PciBus> PCI_BUS =
      VmState.<PciBus>named("PCIBUS", 1)
          .equal("nirq", IntType.INT32, b -> 4)
          .array("irq_count", IntType.INT32, b -> 4, 4, b -> Slots.of(b.irqCount))
          .build();

  /** The event timer: as many structs as a field says, which is checked. */
  public static final class Hpet {
    static final int MAX_TIMERS = 32;
    long config;
    long isr;
    long counter;
    int timerCount;
    final HpetTimer[] timers = new HpetTimer[MAX_TIMERS];

    {
      for (int i = 0; i < MAX_TIMERS; i++) {
        timers[i] = new HpetTimer();
      }
    }
  }

  /** One comparator. */
  public static final class HpetTimer {
    int number;
    long config;
    long cmp;
    long fsb;
    long period;
    int wrap;
    long expiry;
  }

  static final VmState<HpetTimer> HPET_TIMER =
      VmState.<HpetTimer>named("hpet_timer", 1)
          .uint8("tn", t -> t.number, (t, v) -> t.number = v)
          .uint64("config", t -> t.config, (t, v) -> t.config = v)
          .uint64("cmp", t -> t.cmp, (t, v) -> t.cmp = v)
          .uint64("fsb", t -> t.fsb, (t, v) -> t.fsb = v)
          .uint64("period", t -> t.period, (t, v) -> t.period = v)
          .uint8("wrap_flag", t -> t.wrap, (t, v) -> t.wrap = v)
          .timer("qemu_timer", t -> t.expiry, (t, v) -> t.expiry = v)
          .build();

  public static final VmState<Hpet> HPET =
      VmState.<Hpet>named("hpet", 2)
          .minimumVersion(1)
          .uint64("config", h -> h.config, (h, v) -> h.config = v)
          .uint64("isr", h -> h.isr, (h, v) -> h.isr = v)
          .uint64("hpet_counter", h -> h.counter, (h, v) -> h.counter = v)
          .since(
              2,
              fields -> fields.uint8("num_timers", h -> h.timerCount, (h, v) -> h.timerCount = v))
          .validate(
              "num_timers in range", (h, v) -> h.timerCount >= 3 && h.timerCount <= Hpet.MAX_TIMERS)
          .structs("timer", h -> h.timerCount, Hpet.MAX_TIMERS, HPET_TIMER, (h, i) -> h.timers[i])
          .build();

  /** The floppy controller: a struct in a struct of the same name, drives with subsections. */
  public static final class Fdc {
    final byte[] head = new byte[9];
    final byte[] fifo = new byte[512];
    int position;
    int length;
    final byte[] tail = new byte[9];
    final Drive[] drives = {new Drive(), new Drive()};
  }

  /** A drive. */
  public static final class Drive {
    int head;
    int track;
    int sector;
    int rate;
  }

  private static final String[] FDC_HEAD = {
    "sra", "srb", "dor_vmstate", "tdr", "dsr", "msr", "status0", "status1", "status2"
  };
  private static final String[] FDC_TAIL = {
    "data_state", "data_dir", "eot", "timer0", "timer1", "precomp_trk", "config", "lock", "pwrd"
  };

  static final VmState<Drive> DRIVE =
      VmState.<Drive>named("fdrive", 1)
          .uint8("head", d -> d.head, (d, v) -> d.head = v)
          .uint8("track", d -> d.track, (d, v) -> d.track = v)
          .uint8("sect", d -> d.sector, (d, v) -> d.sector = v)
          .subsection(
              VmState.<Drive>named("fdrive/media_rate", 1)
                  .uint8("media_rate", d -> d.rate, (d, v) -> d.rate = v)
                  .build())
          .build();

  public static final VmState<Fdc> FDC =
      VmState.<Fdc>named("fdc", 2).struct("state", controller(), f -> f).build();

  private static VmState<Fdc> controller() {
    VmStateBuilder<Fdc> state = VmState.named("fdc", 2);
    for (int i = 0; i < FDC_HEAD.length; i++) {
      int at = i;
      state.uint8(FDC_HEAD[i], f -> f.head[at], (f, v) -> f.head[at] = (byte) v);
    }
    state
        .array("fifo", IntType.UINT8, 512, f -> Slots.of(f.fifo))
        .uint32("data_pos", f -> f.position, (f, v) -> f.position = (int) v)
        .uint32("data_len", f -> f.length, (f, v) -> f.length = (int) v);
    for (int i = 0; i < FDC_TAIL.length; i++) {
      int at = i;
      state.uint8(FDC_TAIL[i], f -> f.tail[at], (f, v) -> f.tail[at] = (byte) v);
    }
    return state
        .equal("num_floppies", IntType.UINT8, f -> f.drives.length)
        .structs("drives", 2, DRIVE, (f, i) -> f.drives[i])
        .build();
  }

  /** The configuration device: two fields of one name, subsections. */
  public static final class FwCfg {
    int entry;
    long offset;
    long dmaAddress;
    final long[] sizes = new long[3];
  }

  public static final VmState<FwCfg> FW_CFG =
      VmState.<FwCfg>named("fw_cfg", 2)
          .minimumVersion(1)
          .uint16("cur_entry", f -> f.entry, (f, v) -> f.entry = v)
          .when(
              (f, version) -> version == 1,
              fields -> fields.uint16("cur_offset", f -> (int) f.offset, (f, v) -> f.offset = v))
          .since(2, fields -> fields.uint32("cur_offset", f -> f.offset, (f, v) -> f.offset = v))
          .subsection(
              VmState.<FwCfg>named("fw_cfg/dma", 0)
                  .uint64("dma_addr", f -> f.dmaAddress, (f, v) -> f.dmaAddress = v)
                  .build())
          .subsection(
              VmState.<FwCfg>named("fw_cfg/acpi_mr", 1)
                  .uint64("table_mr_size", f -> f.sizes[0], (f, v) -> f.sizes[0] = v)
                  .uint64("linker_mr_size", f -> f.sizes[1], (f, v) -> f.sizes[1] = v)
                  .uint64("rsdp_mr_size", f -> f.sizes[2], (f, v) -> f.sizes[2] = v)
                  .build())
          .build();

  /** The clock: a buffer, places that older versions used. */
  public static final class Rtc {
    final byte[] cmos = new byte[128];
    int index;
    long periodicTimer;
    long nextPeriodic;
    long coalesced;
    long period;
    long base;
    long lastUpdate;
    long offset;
    long updateTimer;
    long nextAlarm;
  }

  public static final VmState<Rtc> RTC =
      VmState.<Rtc>named("mc146818rtc", 3)
          .minimumVersion(1)
          .buffer("cmos_data", r -> r.cmos)
          .uint8("cmos_index", r -> r.index, (r, v) -> r.index = v)
          .unused(28)
          .timer("periodic_timer", r -> r.periodicTimer, (r, v) -> r.periodicTimer = v)
          .int64("next_periodic_time", r -> r.nextPeriodic, (r, v) -> r.nextPeriodic = v)
          .unused(24)
          .since(
              2,
              fields ->
                  fields
                      .uint32("irq_coalesced", r -> r.coalesced, (r, v) -> r.coalesced = v)
                      .uint32("period", r -> r.period, (r, v) -> r.period = v))
          .since(
              3,
              fields ->
                  fields
                      .uint64("base_rtc", r -> r.base, (r, v) -> r.base = v)
                      .uint64("last_update", r -> r.lastUpdate, (r, v) -> r.lastUpdate = v)
                      .int64("offset", r -> r.offset, (r, v) -> r.offset = v)
                      .timer("update_timer", r -> r.updateTimer, (r, v) -> r.updateTimer = v)
                      .uint64("next_alarm_time", r -> r.nextAlarm, (r, v) -> r.nextAlarm = v))
          .build();
}
