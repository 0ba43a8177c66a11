# Writes the sets that come with R packages as CSV files into the folder given.
#   Debian: apt-get install r-base-core r-cran-modeldata r-cran-mlbench r-cran-mass r-cran-mixtools
out <- commandArgs(trailingOnly = TRUE)[1]
save <- function(name, data) {
  write.csv(data, file.path(out, paste0(name, ".csv")), row.names = FALSE, na = "")
}
data(concrete, Sacramento, car_prices, penguins, package = "modeldata")
data(Servo, Ozone, package = "mlbench")
data(NOdata, tonedata, package = "mixtools")
save("concrete", concrete)
save("sacramento", Sacramento)
save("car-prices", car_prices)
save("penguins", penguins)
save("servo", Servo)
names(Ozone) <- c(
  "month", "day_of_month", "day_of_week", "ozone", "pressure_height", "wind_speed", "humidity",
  "temperature_sandburg", "temperature_el_monte", "inversion_height", "pressure_gradient",
  "inversion_temperature", "visibility"
)
save("ozone", Ozone)
save("nodata", NOdata)
save("tonedata", tonedata)
save("cpus", MASS::cpus)
save("mcycle", MASS::mcycle)
