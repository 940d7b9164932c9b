// A 4x4 block a clock: residual to coefficients (vp8_forward_dct of kernels/shared/vp8/transform.h) and to the nearest levels
// (vp8_nearest_level of code_block.h, with the coefficient's sign), bit for bit. Six clocks from in to out; never stalls.
//
// Blocks are in raster order, element 0 in the lowest bits. The quantiser's numbers and the levels are by place in the scan.
module vp8_transform_quantise #(
    parameter int FORWARD_COS = 10045,
    parameter int FORWARD_SIN = 17734
) (
    input  logic               clock,
    input  logic               in_valid,
    input  logic [16*16-1:0]   residual,      // signed, -255 to 255
    input  logic [16*16-1:0]   bias,
    input  logic [16*16-1:0]   reciprocal,
    output logic               out_valid,
    output logic [16*16-1:0]   coefficients,  // signed
    output logic [16*16-1:0]   levels         // signed
);
  localparam int CLOCKS = 6;
  localparam int SCAN[16] = '{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

  typedef logic signed [31:0] number;

  function automatic number mul15(input number a, input int k);
    return (a * k + 32'sd16384) >>> 15;
  endfunction

  // The two halves of vp8_forward_four, a clock each: sums, then products.
  number row_sums[16], row_out[16], column_sums[16], column_out[16], delayed[16], magnitude[16];
  logic  negative[16];
  logic [CLOCKS-1:0] valid;

  always_ff @(posedge clock) begin
    valid <= {valid[CLOCKS-2:0], in_valid};

    for (int y = 0; y < 4; y++) begin
      automatic number in0 = 32'(signed'(residual[16*(4*y+0)+:16]));
      automatic number in1 = 32'(signed'(residual[16*(4*y+1)+:16]));
      automatic number in2 = 32'(signed'(residual[16*(4*y+2)+:16]));
      automatic number in3 = 32'(signed'(residual[16*(4*y+3)+:16]));
      row_sums[4*y+0] <= (in0 + in3) * 8;
      row_sums[4*y+1] <= (in1 + in2) * 8;
      row_sums[4*y+2] <= (in1 - in2) * 8;
      row_sums[4*y+3] <= (in0 - in3) * 8;
    end

    for (int y = 0; y < 4; y++) begin
      row_out[4*y+0] <= row_sums[4*y+0] + row_sums[4*y+1];
      row_out[4*y+1] <= row_sums[4*y+3] + mul15(row_sums[4*y+3], FORWARD_COS) + mul15(row_sums[4*y+2], FORWARD_SIN);
      row_out[4*y+2] <= row_sums[4*y+0] - row_sums[4*y+1];
      row_out[4*y+3] <= mul15(row_sums[4*y+3], FORWARD_SIN) - row_sums[4*y+2] - mul15(row_sums[4*y+2], FORWARD_COS);
    end

    for (int x = 0; x < 4; x++) begin
      column_sums[x+0]  <= row_out[x] + row_out[x+12];
      column_sums[x+4]  <= row_out[x+4] + row_out[x+8];
      column_sums[x+8]  <= row_out[x+4] - row_out[x+8];
      column_sums[x+12] <= row_out[x] - row_out[x+12];
    end

    for (int x = 0; x < 4; x++) begin
      column_out[x+0]  <= (column_sums[x] + column_sums[x+4] + 8) >>> 4;
      column_out[x+4]  <= (column_sums[x+12] + mul15(column_sums[x+12], FORWARD_COS) + mul15(column_sums[x+8], FORWARD_SIN) + 8) >>> 4;
      column_out[x+8]  <= (column_sums[x] - column_sums[x+4] + 8) >>> 4;
      column_out[x+12] <= (mul15(column_sums[x+12], FORWARD_SIN) - column_sums[x+8] - mul15(column_sums[x+8], FORWARD_COS) + 8) >>> 4;
    end

    for (int i = 0; i < 16; i++) begin
      automatic number coefficient = column_out[SCAN[i]];
      delayed[i] <= column_out[i];
      negative[i] <= coefficient < 0;
      magnitude[i] <= (coefficient < 0 ? -coefficient : coefficient) + 32'(bias[16*i+:16]);
    end

    for (int i = 0; i < 16; i++) begin
      automatic logic [31:0] product = magnitude[i] * 32'(reciprocal[16*i+:16]);
      automatic logic [15:0] level = product[31:16];
      coefficients[16*i+:16] <= delayed[i][15:0];
      levels[16*i+:16] <= negative[i] ? -level : level;
    end
  end

  assign out_valid = valid[CLOCKS-1];
endmodule
